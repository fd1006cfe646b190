import { type ExchangeRecord, plainText } from '@localize/core';
import { Agent, interceptors, request } from 'undici';
import { forgetPart, openPart, resumePoint, type WholeFile } from './part-file.js';

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
 * Streams a URL into a file, or into memory when it is small. A file that is already there is continued by Range with
 * If-Range, so that a changed object starts over.
 * @throws DownloadError; the file system's error when the disk refuses.
 */
export async function fetchToFile(url: string, path: string, options: Options): Promise<WholeFile> {
  const start = await resumePoint(path);
  const headers: Record<string, string> =
    start === null ? {} : { range: `bytes=${start.bytes}-`, 'if-range': start.validator };
  const reply = await ask(url, headers, options);
  const { statusCode, body } = reply;
  if (statusCode !== 200 && statusCode !== 206) {
    await body.dump().catch(() => undefined);
    // The part is longer than the object: it belongs to something else.
    if (statusCode === 416) await forgetPart(path);
    const kind = GONE.has(statusCode) ? 'gone' : 'network';
    throw new DownloadError(kind, `the host of the result answered ${statusCode}`);
  }
  const from = statusCode === 206 ? start : null;
  if (statusCode === 206 && !(from !== null && startsAt(reply.headers, from.bytes))) {
    await body.dump().catch(() => undefined);
    await forgetPart(path);
    throw new DownloadError('network', 'the host of the result sent another part than it was asked for');
  }
  // The object is another one by now.
  if (start !== null && from === null) await forgetPart(path);
  const total = totalBytes(reply.headers, from?.bytes ?? 0);
  const part = await openPart(path, from, from?.validator ?? strongValidator(reply.headers), total);
  try {
    for await (const chunk of arriving(body)) {
      await part.write(chunk);
      options.onProgress(part.bytes, total);
    }
    if (total !== null && part.bytes !== total) {
      throw new DownloadError('network', `the download broke off at ${part.bytes} of ${total} bytes`);
    }
  } catch (error) {
    await part.breakOff();
    throw error;
  }
  return part.finish();
}

/** What goes wrong on the way is the network's; what goes wrong in writing it down is the disk's. */
async function* arriving(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    network(error);
  }
}

async function ask(url: string, headers: Record<string, string>, { signal, onExchange }: Options) {
  const startedAt = performance.now();
  const tell = (status: number | null) => {
    const ms = Math.round(performance.now() - startedAt);
    onExchange({ method: 'GET', url: withoutQuery(url), status, ms, requestId: null, sent: '', body: '' });
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
  throw new DownloadError('network', error instanceof Error ? error.message : String(error), error);
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

/** Only a strong validator may continue a file: a weak one does not promise equal bytes. */
function strongValidator(headers: Headers): string | null {
  const { etag, 'last-modified': modified } = headers;
  const strong = typeof etag === 'string' && !etag.startsWith('W/') ? etag : modified;
  return typeof strong === 'string' ? strong : null;
}
