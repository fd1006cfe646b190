import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { CallContext, Failure, UploadFile } from '@localize/core';
import { type Exchange, notSent } from './exchange.js';
import { errorCode } from './network-failure.js';

const DEFAULT_TIMEOUT_MS = 60_000;
/** The slowest upload that is waited for: the time for an exchange grows with what it carries. */
const SLOWEST_BYTES_PER_MS = 64;

/** Bytes `start` (inclusive) to `end` (exclusive) of a file. */
export interface FilePart {
  readonly file: UploadFile;
  readonly start: number;
  readonly end: number;
}

/** What goes around the bytes of a file, in a form. */
export interface Frame {
  readonly before: Buffer;
  readonly after: Buffer;
}

const BARE: Frame = { before: Buffer.alloc(0), after: Buffer.alloc(0) };

export function uploadTimeoutMs({ timeoutMs }: CallContext, bytes: number): number {
  return (timeoutMs ?? DEFAULT_TIMEOUT_MS) + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** Streams a part of a file into an exchange. @returns a failure of kind `storage` where the file cannot be read */
export async function sendPart(
  part: FilePart,
  send: (content: { readonly bytes: number; readonly body: Readable }) => Promise<Exchange>,
  { before, after }: Frame = BARE,
): Promise<Exchange> {
  const source = await openPart(part);
  if ('kind' in source) return notSent(source);
  let readError: unknown = null;
  source.on('error', (error) => {
    readError = error;
  });
  const body = Readable.from(framed(counted(source, part), { before, after }), { objectMode: false });
  const outcome = await send({ bytes: before.length + part.end - part.start + after.length, body });
  source.destroy();
  return readError !== null && !outcome.arrived ? notSent(readFailure(readError)) : outcome;
}

async function* framed(content: AsyncIterable<Buffer>, { before, after }: Frame): AsyncGenerator<Buffer> {
  if (before.length > 0) yield before;
  yield* content;
  if (after.length > 0) yield after;
}

async function* counted(source: AsyncIterable<Buffer>, { file, start }: FilePart): AsyncGenerator<Buffer> {
  let sent = start;
  for await (const chunk of source) {
    yield chunk;
    // Asked for the next one: this one is on its way.
    sent += chunk.length;
    file.onProgress?.(sent);
  }
}

async function openPart({ file, start, end }: FilePart) {
  try {
    const handle = await open(file.path, 'r');
    return handle.createReadStream({ start, end: Math.max(start, end - 1) });
  } catch (error) {
    return readFailure(error);
  }
}

function readFailure(error: unknown): Failure {
  return { kind: 'storage', code: errorCode(error), message: 'the file to upload cannot be read' };
}
