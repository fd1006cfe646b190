import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { BufferSource, CustomSource } from 'mediabunny';
import { type LocalFile, READ, sizeOf } from './local-file.js';
import { toMediaError } from './media-error.js';

/** The beginning of a file is read with one call, and all of one that is not longer: most looks end in it. */
const BEGINNING_BYTES = 128 * 1024;

/** Memory for the beginning of the next file: to get it anew costs as much as to read into it. */
let spare: Buffer | null = null;

/** What a file was when it was opened, in bytes and nanoseconds. */
export type FileTimes = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs'>;

export interface LocalFileHere extends LocalFile {
  readonly times: FileTimes;
}

/**
 * A local file for a thread that has nothing else to do: it waits for the disk itself, since the way to another thread and
 * back costs more than what is read. Of a longer file only what is looked at is read. What was read of its beginning holds
 * until it is closed.
 *
 * Throws MEDIA_MISSING, MEDIA_EMPTY or MEDIA_UNREADABLE (a folder, no permission).
 */
export function openLocalFileHere(path: string): LocalFileHere {
  try {
    const descriptor = openSync(path, READ);
    try {
      return readingFrom(descriptor, path);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  } catch (error) {
    throw toMediaError(error, path);
  }
}

function readingFrom(descriptor: number, path: string): LocalFileHere {
  const facts = fstatSync(descriptor, { bigint: true });
  const bytes = sizeOf(facts, path);
  const memory = spare ?? Buffer.allocUnsafeSlow(BEGINNING_BYTES);
  spare = null;
  const beginning = readInto(memory.subarray(0, bytes), descriptor, 0);
  const read = (position: number, length: number) =>
    position + length <= beginning.length || beginning.length === bytes
      ? beginning.subarray(position, position + length)
      : readInto(Buffer.allocUnsafe(Math.max(0, Math.min(length, bytes - position))), descriptor, position);
  const inPieces = () =>
    new CustomSource({
      getSize: () => bytes,
      read: (start, end) => read(start, end - start),
      prefetchProfile: 'fileSystem',
      handleUnhandledError: () => {},
    });
  let isOpen = true;
  return {
    path,
    bytes,
    content: beginning.length === bytes ? beginning : null,
    times: { size: facts.size, mtimeNs: facts.mtimeNs, ctimeNs: facts.ctimeNs },
    readAt: async (position, length) => read(position, length),
    source: () => (beginning.length === bytes ? new BufferSource(beginning) : inPieces()),
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      spare = memory;
      closeSync(descriptor);
    },
  };
}

/** One read may give less than was asked for before the end of the file. */
function readInto(buffer: Buffer, descriptor: number, position: number): Buffer {
  let filled = 0;
  while (filled < buffer.length) {
    const bytesRead = readSync(descriptor, buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
