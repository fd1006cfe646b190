import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Http } from './env.js';

/** Largest JSON body that is read; data URIs make the largest. */
const MAXIMUM_MIB = 64;
const MAXIMUM_BYTES = MAXIMUM_MIB * 1024 * 1024;
/** What is said to a larger one; no page tells how large a body may be. */
export const BODY_TOO_LARGE = `The request body is larger than ${MAXIMUM_MIB} MiB`;
/** What checks and keeps a body goes down as deep as it does; parsers of real servers stop at some hundreds. */
const MOST_LEVELS = 500;

/** No page says what encodings of a body a provider takes: those that every HTTP server can be set up for are assumed. */
const DECODERS = new Map<string, (body: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>>([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

export type JsonBody = { json: unknown } | { problem: 'malformed' | 'too-large' | 'broken-off' };

/** Reads a request's JSON body. An absent body is malformed, and one that is too large when it is decoded is too large. */
export async function readJson(http: Http): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Of a body that is left in the middle, the rest is still dropped: the connection is good for the next request then.
    for await (const chunk of http.env.incoming.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAXIMUM_BYTES) return { problem: 'too-large' };
      chunks.push(chunk as Buffer);
    }
  } catch {
    return { problem: 'broken-off' };
  }
  try {
    const body = await decode(Buffer.concat(chunks), http.req.header('content-encoding'));
    const json: unknown = JSON.parse(body.toString('utf8'));
    return isDeeper(json, MOST_LEVELS) ? { problem: 'malformed' } : { json };
  } catch (error) {
    const isBomb = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return { problem: isBomb ? 'too-large' : 'malformed' };
  }
}

/** The body as it was before it was encoded; as it came where the encoding is none of ours, which is no JSON then. */
async function decode(body: Buffer, encoding = 'identity'): Promise<Buffer> {
  const decoder = DECODERS.get(encoding.trim().toLowerCase());
  return decoder === undefined ? body : decoder(body, { maxOutputLength: MAXIMUM_BYTES });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** True for a JSON object, as opposed to an array, null or a plain value. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
