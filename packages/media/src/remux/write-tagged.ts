import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { TaggedFile } from '../isobmff/tagged-file.js';
import type { LocalFile } from '../local-file.js';
import { MediaError } from '../media-error.js';
import { partialName } from './partial-name.js';

const COPIED_BYTES = 2 ** 20;

/**
 * Writes a file with its new index, in one pass over its bytes; replaces `path` in one step.
 * @returns the SHA-256 of what was written, as lower-case hex
 */
export async function writeTagged(
  file: LocalFile,
  { from, to, index }: TaggedFile,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const partial = partialName(path);
  const hash = createHash('sha256');
  try {
    const output = await open(partial, 'w');
    try {
      for await (const chunk of piecesOf(file, { from, to, index })) {
        signal?.throwIfAborted();
        hash.update(chunk);
        await writeAll(output, chunk);
      }
    } finally {
      await output.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return hash.digest('hex');
}

async function* piecesOf(file: LocalFile, { from, to, index }: TaggedFile): AsyncGenerator<Buffer, void, undefined> {
  yield* stretch(file, 0, from);
  yield index;
  yield* stretch(file, to, file.bytes);
}

async function* stretch(file: LocalFile, from: number, to: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = from; at < to; at += COPIED_BYTES) {
    const wanted = Math.min(COPIED_BYTES, to - at);
    const chunk = await file.readAt(at, wanted);
    // Somebody cuts it while we read.
    if (chunk.length < wanted)
      throw new MediaError('MEDIA_INCOMPLETE', `${file.path} ends at byte ${at + chunk.length}`);
    yield chunk;
  }
}

async function writeAll(output: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await output.write(chunk, at)).bytesWritten;
}
