import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { MAX_REPLY_BYTES } from './exchange.js';

const UTF8 = new TextDecoder();

const DECODERS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** Whether a body is as it was sent, by its `Content-Encoding`. */
export function isPlain(encoding: string | string[] | undefined): boolean {
  return encoding === undefined || encoding === '' || encoding === 'identity';
}

/**
 * The text of a body. All are asked for as they are, but a proxy on the way may compress them in spite of that, and the id in
 * such a reply was paid for.
 * @throws Error where it is not what its encoding says, or is larger than {@link MAX_REPLY_BYTES}
 */
export function decoded(bytes: Uint8Array, encoding: string | string[] | undefined): string {
  const decode = isPlain(encoding) ? undefined : DECODERS[String(encoding).trim().toLowerCase()];
  return UTF8.decode(decode === undefined ? bytes : decode(bytes, { maxOutputLength: MAX_REPLY_BYTES }));
}
