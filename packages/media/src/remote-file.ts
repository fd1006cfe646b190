import type { MediaFetch } from './media-fetch.js';
import type { ReadAt } from './mp3-frames.js';

/** A file behind a URL, for who looks into it beside the demuxer. */
export interface RemoteFile {
  /** `null` where the server does not say. */
  bytes(): number | null;
  readonly readAt: ReadAt;
  /** All of it, from its beginning. */
  chunks(): AsyncIterable<Uint8Array>;
}

export function remoteFile(url: string, web: MediaFetch): RemoteFile {
  async function* chunksFrom(headers: Record<string, string>): AsyncGenerator<Uint8Array, void, undefined> {
    const response = await web.fetch(url, { headers });
    if (response.body !== null) yield* response.body;
  }

  async function readAt(position: number, length: number): Promise<Buffer> {
    const head = web.head();
    if (position + length <= head.length) return head.subarray(position, position + length);
    const response = await web.fetch(url, { headers: { range: `bytes=${position}-${position + length - 1}` } });
    // A server without ranges gives all of it.
    const start = response.status === 206 ? 0 : position;
    const read: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      read.push(chunk);
      bytes += chunk.length;
      if (bytes >= start + length) break;
    }
    return Buffer.concat(read).subarray(start, start + length);
  }

  return { bytes: web.bytes, readAt, chunks: () => chunksFrom({}) };
}
