import { type BigIntStats, closeSync, constants, fstatSync, open, read, type Stats } from 'node:fs';
import { open as openHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { BufferSource, FilePathSource, type Source } from 'mediabunny';
import { MediaError, toMediaError } from './media-error.js';

/** Up to this size a file is read once and looked at in memory: a dozen small reads cost more than its bytes. */
const SMALL_BYTES = 1024 * 1024;

/** An open local file that is read in pieces; `close` it. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** All of it; `null` where it is read in pieces. */
  readonly content: Buffer | null;
  /** The bytes at a position; fewer at the end of the file. */
  readAt(position: number, length: number): Promise<Buffer>;
  /** The same file for the demuxer. */
  source(): Source;
  close(): Promise<void>;
}

/** Opens a file. Throws MEDIA_MISSING, MEDIA_EMPTY or MEDIA_UNREADABLE (a folder, no permission). */
export async function openLocalFile(path: string): Promise<LocalFile> {
  try {
    const content = await contentIfSmall(path);
    return content === null ? await inPieces(path) : bytesOf(content, path);
  } catch (error) {
    throw toMediaError(error, path);
  }
}

const openDescriptor = promisify(open);
const readDescriptor = promisify(read);

/** To open a file with. A pipe that nobody writes to would else block for ever; Windows has no such flag. */
export const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * `null` of a larger file. Only what may wait for the disk leaves the thread: the way to another and back costs more than
 * the call does.
 */
async function contentIfSmall(path: string): Promise<Buffer | null> {
  const descriptor = await openDescriptor(path, READ);
  try {
    const bytes = sizeOf(fstatSync(descriptor), path);
    if (bytes > SMALL_BYTES) return null;
    return await readAt((...into) => readDescriptor(descriptor, ...into), 0, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Throws MEDIA_EMPTY, and MEDIA_UNREADABLE of what is no file. */
export function sizeOf(facts: Stats | BigIntStats, path: string): number {
  if (facts.isDirectory()) throw new MediaError('MEDIA_UNREADABLE', `${path} is a folder where a media file must be`);
  if (!facts.isFile()) throw new MediaError('MEDIA_UNREADABLE', `${path} is not a file`);
  if (Number(facts.size) === 0) throw new MediaError('MEDIA_EMPTY', `${path} is empty (0 bytes)`);
  return Number(facts.size);
}

/** A file that is in memory already; nothing is opened. */
export function bytesOf(content: Buffer, path: string): LocalFile {
  return {
    path,
    bytes: content.length,
    content,
    readAt: async (position, length) => content.subarray(position, position + length),
    source: () => new BufferSource(content),
    close: async () => undefined,
  };
}

async function inPieces(path: string): Promise<LocalFile> {
  const handle = await openHandle(path, 'r');
  try {
    const bytes = sizeOf(await handle.stat(), path);
    return {
      path,
      bytes,
      content: null,
      readAt: (position, length) => readAt((...into) => handle.read(...into), position, length),
      source: () => new FilePathSource(path, { handleUnhandledError: () => {} }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

type Read = (into: Buffer, offset: number, length: number, position: number) => Promise<{ readonly bytesRead: number }>;

/** One read may give less than was asked for before the end of the file. */
async function readAt(readInto: Read, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await readInto(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
