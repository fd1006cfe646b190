import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** What one address answers with. */
export interface Served {
  /** The content; `trailingZeros` more bytes follow that are never held in memory. */
  body: Buffer;
  trailingZeros?: number;
  ranges: boolean;
  contentType?: string;
}

/** A loopback HTTP server; `sentBytes` counts what its answers have handed to the network. */
export interface MediaServer {
  origin: string;
  sentBytes: number;
  close(): Promise<void>;
}

/** Serves files by path; a function answers by itself. */
export async function startMediaServer(
  files: Record<string, Served | ((request: IncomingMessage, response: ServerResponse) => void)>,
): Promise<MediaServer> {
  const server: Server = createServer((request, response) => {
    const file = files[new URL(request.url ?? '/', 'http://localhost').pathname];
    if (file === undefined) response.writeHead(404).end('not here');
    else if (typeof file === 'function') file(request, response);
    else send(file, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: MediaServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sentBytes: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function send(file: Served, request: IncomingMessage, response: ServerResponse): void {
    const size = file.body.length + (file.trailingZeros ?? 0);
    const range = file.ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null;
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(Number(range[2]) + 1, size) : size;
    if (start >= size) {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
      return;
    }
    response.writeHead(range === null ? 200 : 206, {
      'content-type': file.contentType ?? 'video/mp4',
      'content-length': end - start,
      ...(file.ranges ? { 'accept-ranges': 'bytes' } : {}),
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    });
    Readable.from(chunks(file, start, end))
      .on('error', () => {})
      .pipe(response);
  }

  function* chunks(file: Served, start: number, end: number): Generator<Buffer> {
    for (let at = start; at < end; ) {
      const count = Math.min(65_536, end - at);
      const chunk = Buffer.alloc(count);
      if (at < file.body.length) file.body.copy(chunk, 0, at, at + count);
      started.sentBytes += count;
      yield chunk;
      at += count;
    }
  }
  return started;
}
