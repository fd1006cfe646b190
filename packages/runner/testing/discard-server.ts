import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Speaks as much S3, and as much of fal's uploads in parts, as an upload needs; counts the bytes and keeps none of them. */
export async function discardServer() {
  const seen = { bytes: 0, parts: 0 };
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    request.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
    });
    request.on('end', () => {
      if (request.method === 'HEAD') return response.writeHead(404).end();
      if (request.method === 'PUT') {
        seen.parts += 1;
        return response.writeHead(200, { etag: '"part"' }).end();
      }
      if (/\/initiate(-multipart)?$/.test(pathname)) {
        const urls = { upload_url: `http://${request.headers.host}/multi`, file_url: 'https://v3.fal.media/large.mp4' };
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(urls));
      }
      const body = query.has('uploads')
        ? '<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>'
        : '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>';
      return response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
