import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { BufferSource, CustomSource } from 'mediabunny';
import { type LocalFile, READ, sizeOf } from './local-file.js';
import { toMediaError } from './media-error.js';

/** The beginning of a file is read with one call, and all of one that is not longer: most looks end in it. */
const BEGINNING_BYTES = 128 * 1024;

/** What a file was when it was opened, in bytes and nanoseconds. */
export type FileTimes = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs'>;

export interface LocalFileHere extends LocalFile {
  readonly times: FileTimes;
}

/**
 * A local file for a thread that has nothing else to do: it waits for the disk itself, since the way to another thread and
 * back costs more than what is read. Of a longer file only what is looked at is read.
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
  const beginning = readFully(descriptor, 0, Math.min(bytes, BEGINNING_BYTES));
  const read = (position: number, length: number) =>
    position + length <= beginning.length || beginning.length === bytes
      ? beginning.subarray(position, position + length)
      : readFully(descriptor, position, Math.max(0, Math.min(length, bytes - position)));
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
    times: { size: facts.size, mtimeNs: facts.mtimeNs, ctimeNs: facts.ctimeNs },
    readAt: async (position, length) => read(position, length),
    source: () => (beginning.length === bytes ? new BufferSource(beginning) : inPieces()),
    close: async () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** One read may give less than was asked for before the end of the file. */
function readFully(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const bytesRead = readSync(descriptor, buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
