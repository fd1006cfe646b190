import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { readSeeded, type SeededVideo } from '../media/seeded-video.js';
import { parseRange } from './byte-range.js';
import type { Http } from './env.js';

/** A file to be served over HTTP. */
export interface ServedFile {
  file: string;
  /** Of the file, and of what is served behind it. */
  bytes: number;
  /** Served in the place of what the file has there. */
  patch?: SeededVideo['patch'];
  /** Served behind the file. */
  end?: Buffer;
  contentType: string;
  /** Changes whenever the bytes do. */
  etag: string;
  modifiedAt: number;
}

/**
 * Answers GET and HEAD for a file, with `Range`, `If-Range`, `If-None-Match` and a strong `ETag`, so that a broken
 * download can be resumed. With `cutAfter` the socket is destroyed after that share of the bytes, while the announced
 * length stays right.
 */
export async function serveFile(http: Http, served: ServedFile, cutAfter?: number): Promise<Response> {
  const { outgoing, incoming } = http.env;
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': served.contentType,
    etag: `"${served.etag}"`,
    'last-modified': new Date(served.modifiedAt).toUTCString(),
  };
  if (matchesEtag(http.req.header('if-none-match'), headers.etag as string)) {
    return new Response(null, { status: 304, headers });
  }
  const range = parseRange(isRangeFresh(http, headers) ? http.req.header('range') : undefined, served.bytes);
  if ('unsatisfiable' in range) {
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${served.bytes}` } });
  }
  const { start, end } = 'whole' in range ? { start: 0, end: served.bytes - 1 } : range;
  const length = Math.max(0, end - start + 1);
  const partial = 'whole' in range ? {} : { 'content-range': `bytes ${start}-${end}/${served.bytes}` };
  const status = 'whole' in range ? 200 : 206;
  const described = { ...headers, ...partial, 'content-length': String(length) };
  if (incoming.method === 'HEAD' || length === 0) return new Response(null, { status, headers: described });
  // Written to the socket here, since only so can it be cut in the middle.
  outgoing.writeHead(status, described);
  const sent = cutAfter === undefined ? length : Math.floor(length * cutAfter);
  await sendBytes(http, readSeeded({ patch: null, end: NOTHING, ...served }, start, sent), sent < length);
  return RESPONSE_ALREADY_SENT;
}

const NOTHING = Buffer.alloc(0);

async function sendBytes(http: Http, bytes: AsyncIterable<Buffer>, cut: boolean): Promise<void> {
  const { outgoing, incoming } = http.env;
  try {
    await pipeline(bytes, outgoing, { end: !cut });
  } catch {
    // The reader went away, or the file did: either way the connection is of no more use.
    incoming.socket.destroy();
    return;
  }
  if (!cut) return;
  // Where it is cut before its first byte.
  outgoing.flushHeaders();
  // Let the bytes leave before the socket is destroyed, or the reader would see few of them.
  const { socket } = incoming;
  for (let waited = 0; waited < 5_000 && !socket.destroyed && socket.writableLength > 0; waited += 10) await pause(10);
  await pause(20);
  socket.destroy();
}

function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** False when the reader's copy is of other bytes than these, so that it must be sent the whole file. */
function isRangeFresh(http: Http, headers: Record<string, string>): boolean {
  const condition = http.req.header('if-range');
  return condition === undefined || condition === headers.etag || condition === headers['last-modified'];
}
