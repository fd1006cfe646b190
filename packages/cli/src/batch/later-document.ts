import { closeSync, openSync, readSync } from 'node:fs';
import type { WritableDocument } from './write-documents.js';

const READ_BYTES = 256 * 1024;

/**
 * A document as it is after a run that changed no job, from the file that the run before left. All that stays is copied byte
 * by byte: the page of a hundred thousand jobs has over a hundred megabytes.
 * @param renew its first part anew; `null` where that is not all there
 */
export function laterDocument(path: string, renew: (beginning: string) => string | null): WritableDocument {
  return { head: laterPieces(path, renew), job: () => '', tail: '' };
}

function* laterPieces(path: string, renew: (beginning: string) => string | null): Iterable<string | Uint8Array> {
  let beginning: Buffer | null = Buffer.alloc(0);
  for (const piece of readPieces(path)) {
    if (beginning === null) {
      yield piece;
      continue;
    }
    beginning = Buffer.concat([beginning, piece]);
    const end = endOfText(beginning);
    const later = renew(beginning.toString('utf8', 0, end));
    if (later === null) continue;
    yield later;
    yield beginning.subarray(end);
    beginning = null;
  }
  // What is no document of ours stays as it is.
  if (beginning !== null) yield beginning;
}

/** Up to where bytes are surely whole characters: behind the last that is one by itself. */
function endOfText(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte < 0x80) + 1;
}

/** Each is to be used before the next is read. */
function* readPieces(path: string): Iterable<Buffer> {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(READ_BYTES);
    for (let read = readSync(descriptor, bytes); read > 0; read = readSync(descriptor, bytes)) {
      yield bytes.subarray(0, read);
    }
  } finally {
    closeSync(descriptor);
  }
}
