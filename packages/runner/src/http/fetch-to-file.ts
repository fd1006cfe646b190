import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type ExchangeRecord, parseRetryAfter } from '@localize/core';
import { DownloadError, type DownloadErrorKind, HostError } from './download-error.js';
import { forgetPart, openPart, resumePoint, type WholeFile, wholePart } from './part-file.js';

const GONE = new Set([401, 403, 404, 410]);
/** Of the 4xx those that are about how often, or how slowly, it was asked. */
const OF_HOST = new Set([408, 429]);

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number, totalBytes: number | null) => void;
  /** Told when the head of the reply is here, and when none came. */
  readonly onExchange: (record: ExchangeRecord) => void;
}

/**
 * Streams a URL into a file, or into memory when it is small. A file that is already there is continued by Range with
 * If-Range, so that a changed object starts over. A server may give less than was asked for: then the rest is asked for.
 * What is there whole is not asked for again; it stays marked as that until `forgetPart`.
 * @throws DownloadError; the file system's error when the disk refuses.
 */
export async function fetchToFile(url: string, path: string, options: FetchOptions): Promise<WholeFile> {
  const kept = await wholePart(path, url);
  if (kept !== null) return kept;
  for (;;) {
    const whole = await fetchPiece(url, path, options);
    if (whole !== null) return whole;
  }
}

/** @returns `null`: all came that the server announced, it goes on where that ends */
async function fetchPiece(url: string, path: string, options: FetchOptions): Promise<WholeFile | null> {
  const start = await resumePoint(path);
  // Bytes of another coding could neither be continued nor be counted.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (start !== null) Object.assign(headers, { range: `bytes=${start.bytes}-`, 'if-range': start.validator });
  const reply = await ask(url, headers, options);
  const { statusCode } = reply;
  const refuse = (why: string, kind: DownloadErrorKind = 'network') => {
    reply.destroy();
    throw new DownloadError(kind, `the host of the result ${why}`);
  };
  if (statusCode !== 200 && statusCode !== 206) {
    // The part is longer than the object: it belongs to something else.
    if (statusCode === 416) await forgetPart(path);
    const status = statusCode ?? 0;
    if (status >= 500 || OF_HOST.has(status)) throw hostRefuses(reply, status);
    return refuse(`answered ${statusCode}`, GONE.has(status) ? 'gone' : 'network');
  }
  const isPart = statusCode === 206;
  const decoders = decodersFor(reply.headers);
  if (decoders === null) return refuse(`sent it as ${reply.headers['content-encoding']}, which it was asked not to`);
  const from = isPart ? start : null;
  const range = isPart ? contentRange(reply.headers) : null;
  if (isPart && (range?.first !== (from?.bytes ?? 0) || decoders.length > 0)) {
    await forgetPart(path);
    return refuse('sent another part than it was asked for');
  }
  // The object is another one by now.
  if (start !== null && from === null) await forgetPart(path);
  const isCoded = decoders.length > 0;
  const total = isCoded ? null : (range?.total ?? totalBytes(reply.headers, from?.bytes ?? 0));
  // What was decoded is no range of what the server has.
  const validator = from?.validator ?? (isCoded ? null : strongValidator(reply.headers));
  const part = await openPart({ url, path, validator }, from, total);
  try {
    for await (const chunk of arriving(decoded(reply, decoders), () => howFar(part.bytes, total))) {
      await part.write(chunk);
      options.onProgress(part.bytes, total);
    }
    const isPiece = range !== null && part.bytes === range.last + 1 && part.bytes !== total;
    if (isPiece && validator !== null && part.bytes > (from?.bytes ?? 0)) {
      await part.breakOff();
      return null;
    }
    if (total !== null && part.bytes !== total) {
      throw new DownloadError('network', `the download broke off at ${howFar(part.bytes, total)}`);
    }
  } catch (error) {
    await part.breakOff();
    throw error;
  }
  return part.finish();
}

function hostRefuses(reply: IncomingMessage, httpStatus: number): HostError {
  reply.destroy();
  const kind = httpStatus === 429 ? 'rate-limit' : 'network';
  const retryAfterMs = parseRetryAfter(reply.headers['retry-after'], Date.now());
  return new HostError({ kind, httpStatus, retryAfterMs, message: `the host of the result answered ${httpStatus}` });
}

/** What goes wrong on the way is the network's; what goes wrong in writing it down is the disk's. */
async function* arriving(body: AsyncIterable<Buffer>, soFar: () => string): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    throw new DownloadError('network', `the download broke off at ${soFar()}: ${brokenBy(error)}`, error);
  }
}

/** @param total as its host promised them; `null` where it has not said how many there are */
function howFar(bytes: number, total: number | null): string {
  return `${bytes} of ${total ?? 'an unknown number of'} bytes`;
}

/** Node's word for a connection that ends too early, `aborted`, would sound as if somebody here had done that. */
function brokenBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isClosed = 'code' in error && error.code === 'ECONNRESET';
  return isClosed ? 'the connection was closed' : error.message;
}

async function ask(url: string, headers: Record<string, string>, { signal, onExchange }: FetchOptions) {
  const startedAt = performance.now();
  const tell = (status: number | null) => {
    const ms = Math.round(performance.now() - startedAt);
    onExchange({ method: 'GET', url: withoutQuery(url), status, ms, requestId: null, sent: '', body: '' });
  };
  try {
    // Loaded with the first download: most commands fetch nothing.
    const { askHost } = await import('./ask-host.js');
    const reply = await askHost(url, headers, signal);
    tell(reply.statusCode ?? null);
    return reply;
  } catch (error) {
    tell(null);
    throw unanswered(error);
  }
}

/** A query may sign. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '?[redacted]');
}

/** A redirect or an address that leads nowhere is the result's own. */
function unanswered(error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HostError({ kind: 'network', message }, error);
}

type Headers = Record<string, string | string[] | undefined>;

function totalBytes(headers: Headers, offset: number): number | null {
  const length = Number(headers['content-length']);
  return Number.isSafeInteger(length) ? offset + length : null;
}

/** A part that begins elsewhere would make a video of the right length with the wrong bytes. */
function contentRange(headers: Headers): { first: number; last: number; total: number | null } | null {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(String(headers['content-range'])) ?? [];
  if (first === undefined) return null;
  return { first: Number(first), last: Number(last), total: total === '*' ? null : Number(total) };
}

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** What undoes a reply's codings, the last one first; `null` where one is unknown. A host may send them unasked. */
function decodersFor(headers: Headers): (() => Transform)[] | null {
  const codings = [headers['content-encoding'] ?? []].flat().join(',').toLowerCase().split(',');
  const undone = codings.map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity');
  const decoders = undone.reverse().map((coding) => DECODERS.get(coding));
  return decoders.every((decoder) => decoder !== undefined) ? decoders : null;
}

/** An error of the one reaches the other, which a mere `pipe` would swallow. */
function decoded(body: Readable, decoders: readonly (() => Transform)[]): Readable {
  return decoders.reduce((stream, decoder) => pipeline(stream, decoder(), () => undefined), body);
}

/** Only a strong validator may continue a file: a weak one does not promise equal bytes. */
function strongValidator(headers: Headers): string | null {
  const { etag, 'last-modified': modified } = headers;
  const strong = typeof etag === 'string' && !etag.startsWith('W/') ? etag : modified;
  return typeof strong === 'string' ? strong : null;
}
