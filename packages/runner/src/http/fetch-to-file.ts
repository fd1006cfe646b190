import { createWriteStream } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ExchangeRecord, plainText } from '@localize/core';
import { Agent, interceptors, request } from 'undici';

export type DownloadErrorKind =
  /** The URL does not serve it (any more): 401, 403, 404, 410. */
  | 'gone'
  /** It may work later. */
  | 'network'
  /** What came is no video. */
  | 'unusable';

export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly kind: DownloadErrorKind;

  constructor(kind: DownloadErrorKind, message: string, cause?: unknown) {
    super(plainText(message), { cause });
    this.kind = kind;
  }
}

const agent = new Agent({
  connections: 16,
  headersTimeout: 30_000,
  bodyTimeout: 60_000,
  connectTimeout: 15_000,
}).compose(interceptors.redirect({ maxRedirections: 5 }));

const GONE = new Set([401, 403, 404, 410]);

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number, totalBytes: number | null) => void;
  /** Told when the head of the reply is here, and when none came. */
  readonly onExchange: (record: ExchangeRecord) => void;
}

/**
 * Streams a URL into a file. A file that is already there is continued by Range with If-Range, so that a changed
 * object starts over; the validator is kept beside it.
 * @throws DownloadError; the file system's error when the disk refuses.
 */
export async function fetchToFile(url: string, path: string, options: Options): Promise<void> {
  const start = await resumePoint(path);
  const headers: Record<string, string> =
    start === null ? {} : { range: `bytes=${start.bytes}-`, 'if-range': start.validator };
  const reply = await ask(url, headers, options);
  const { statusCode, body } = reply;
  if (statusCode !== 200 && statusCode !== 206) {
    await body.dump().catch(() => undefined);
    // The part is longer than the object: it belongs to something else.
    if (statusCode === 416) await forget(path);
    const kind = GONE.has(statusCode) ? 'gone' : 'network';
    throw new DownloadError(kind, `the host of the result answered ${statusCode}`);
  }
  const resumed = statusCode === 206 && start !== null;
  if (statusCode === 206 && !(resumed && startsAt(reply.headers, start.bytes))) {
    await body.dump().catch(() => undefined);
    await forget(path);
    throw new DownloadError('network', 'the host of the result sent another part than it was asked for');
  }
  const offset = resumed ? start.bytes : 0;
  const total = totalBytes(reply.headers, offset);
  if (!resumed) await remember(path, reply.headers);
  let received = offset;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      options.onProgress(received, total);
      done(null, chunk);
    },
  });
  const file = createWriteStream(path, { flags: resumed ? 'a' : 'w' });
  await pipeline(body, meter, file).catch((error: unknown) => {
    if (isFileError(error)) throw error;
    network(error);
  });
  if (total !== null && received !== total) {
    throw new DownloadError('network', `the download broke off at ${received} of ${total} bytes`);
  }
  await rm(validatorPath(path), { force: true });
}

async function ask(url: string, headers: Record<string, string>, { signal, onExchange }: Options) {
  const startedAt = performance.now();
  const tell = (status: number | null) => {
    const ms = Math.round(performance.now() - startedAt);
    onExchange({ method: 'GET', url: withoutQuery(url), status, ms, requestId: null, body: '' });
  };
  try {
    const reply = await request(url, { dispatcher: agent, headers, signal });
    tell(reply.statusCode);
    return reply;
  } catch (error) {
    tell(null);
    return network(error);
  }
}

/** A query may sign. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '?[redacted]');
}

function network(error: unknown): never {
  if (isFileError(error)) throw error;
  throw new DownloadError('network', error instanceof Error ? error.message : String(error), error);
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | null)?.path === 'string' || codeOf(error) === 'ENOSPC';
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

type Headers = Record<string, string | string[] | undefined>;

function totalBytes(headers: Headers, offset: number): number | null {
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') return null;
  const length = Number(headers['content-length']);
  return Number.isSafeInteger(length) ? offset + length : null;
}

/** A part that begins elsewhere would make a video of the right length with the wrong bytes. */
function startsAt(headers: Headers, bytes: number): boolean {
  const range = headers['content-range'];
  return typeof range === 'string' && range.startsWith(`bytes ${bytes}-`);
}

const validatorPath = (path: string) => `${path}.validator`;

async function resumePoint(path: string): Promise<{ bytes: number; validator: string } | null> {
  try {
    const [{ size }, validator] = await Promise.all([stat(path), readFile(validatorPath(path), 'utf8')]);
    return size > 0 && validator !== '' ? { bytes: size, validator } : null;
  } catch {
    // Nothing to continue: start from the first byte.
    return null;
  }
}

/** Only a strong validator may continue a file: a weak one does not promise equal bytes. */
async function remember(path: string, headers: Headers): Promise<void> {
  const etag = headers.etag;
  const strong = typeof etag === 'string' && !etag.startsWith('W/') ? etag : headers['last-modified'];
  if (typeof strong === 'string') await writeFile(validatorPath(path), strong);
  else await rm(validatorPath(path), { force: true });
}

async function forget(path: string): Promise<void> {
  await Promise.all([rm(path, { force: true }), rm(validatorPath(path), { force: true })]);
}
