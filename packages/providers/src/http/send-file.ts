import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { CallContext, Failure, UploadFile } from '@localize/core';
import { type Exchange, exchange, type NoReply } from './exchange.js';
import { errorCode } from './network-failure.js';
import { sharedWire } from './wires.js';

const DEFAULT_TIMEOUT_MS = 60_000;
/** The slowest upload that is waited for: the time for an exchange grows with what it carries. */
const SLOWEST_BYTES_PER_MS = 64;

/** Bytes `start` (inclusive) to `end` (exclusive) of a file. */
export interface FilePart {
  readonly file: UploadFile;
  readonly start: number;
  readonly end: number;
}

/**
 * Streams a file, or a part of it, to an address that the provider signed for us. No key goes there, and exactly the
 * given headers do.
 */
export async function sendFile(
  context: CallContext,
  target: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  part: FilePart,
): Promise<Exchange> {
  const url = storageUrl(target.url);
  if (url === null) return notSent({ kind: 'provider', message: 'the upload address is no https URL' });
  const bytes = part.end - part.start;
  const source = await openPart(part);
  if ('kind' in source) return notSent(source);
  let readError: unknown = null;
  source.on('error', (error) => {
    readError = error;
  });
  const outcome = await exchange(
    {
      method: 'PUT',
      url,
      headers: { 'content-length': String(bytes), ...target.headers },
      body: Readable.from(counted(source, part), { objectMode: false }),
      own: false,
      timeoutMs: (context.timeoutMs ?? DEFAULT_TIMEOUT_MS) + Math.ceil(bytes / SLOWEST_BYTES_PER_MS),
    },
    await sharedWire(),
    context,
  );
  source.destroy();
  return readError !== null && !outcome.arrived ? notSent(readFailure(readError)) : outcome;
}

/** Asks an address that the provider signed for us, without a key: the end of an upload in parts. */
export async function sendUnsigned(context: CallContext, target: string, body: object): Promise<Exchange> {
  const url = storageUrl(target);
  if (url === null) return notSent({ kind: 'provider', message: 'the upload address is no https URL' });
  return exchange(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      own: false,
      timeoutMs: context.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    },
    await sharedWire(),
    context,
  );
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

function notSent(failure: Failure): NoReply {
  return { arrived: false, sent: false, failure };
}

/** Plain http only on this machine, as for the provider's own hosts. */
function storageUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback) ? url : null;
}
