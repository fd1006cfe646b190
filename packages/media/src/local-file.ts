import { type FileHandle, open } from 'node:fs/promises';
import { BufferSource, FilePathSource, type Source } from 'mediabunny';
import { MediaError, toMediaError } from './media-error.js';

/** Up to this size a file is read once and looked at in memory: a dozen small reads cost more than its bytes. */
const SMALL_BYTES = 1024 * 1024;

/** An open local file that is read in pieces; `close` it. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** The bytes at a position; fewer at the end of the file. */
  readAt(position: number, length: number): Promise<Buffer>;
  /** The same file for the demuxer. */
  source(): Source;
  close(): Promise<void>;
}

/** Opens a file. Throws MEDIA_MISSING, MEDIA_EMPTY or MEDIA_UNREADABLE (a folder, no permission). */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw toMediaError(error, path);
  });
  try {
    const bytes = await sizeOf(handle, path);
    if (bytes > SMALL_BYTES) return inPieces(handle, path, bytes);
    const content = await readAt(handle, 0, bytes);
    await handle.close();
    return bytesOf(content, path);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function sizeOf(handle: FileHandle, path: string): Promise<number> {
  const facts = await handle.stat();
  if (!facts.isFile()) throw new MediaError('MEDIA_UNREADABLE', `${path} is not a file`);
  if (facts.size === 0) throw new MediaError('MEDIA_EMPTY', `${path} is empty (0 bytes)`);
  return facts.size;
}

/** A file that is in memory already; nothing is opened. */
export function bytesOf(content: Buffer, path: string): LocalFile {
  return {
    path,
    bytes: content.length,
    readAt: async (position, length) => content.subarray(position, position + length),
    source: () => new BufferSource(content),
    close: async () => undefined,
  };
}

function inPieces(handle: FileHandle, path: string, bytes: number): LocalFile {
  return {
    path,
    bytes,
    readAt: (position, length) => readAt(handle, position, length),
    source: () => new FilePathSource(path, { handleUnhandledError: () => {} }),
    close: () => handle.close(),
  };
}

/** One read may give less than was asked for before the end of the file. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
