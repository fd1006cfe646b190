import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Bench, FACE, keyHeaders, startBench } from './support/bench.js';

const put = (url: string, body: RequestInit['body'], headers: Record<string, string>) =>
  fetch(url, { method: 'PUT', body: body ?? null, headers });

async function presign(
  bench: Bench,
  body: Record<string, unknown> = { content_type: 'video/mp4', file_type: 'video' },
) {
  const url = `${bench.emulator.endpoints.eachlabs.baseUrl}/upload/presign`;
  return bench.post(url, body, keyHeaders('eachlabs'));
}

describe('eachlabs: presign and PUT', () => {
  it('makes the file public, for as long as asked, and usable as an input', async () => {
    const bench = await startBench();
    const { body } = await presign(bench, { content_type: 'video/mp4', expires_in_seconds: 10 });
    expect(body).toEqual({
      id: expect.any(String),
      presigned_url: expect.stringContaining('X-Amz-Signature='),
      public_url: expect.stringMatching(/\.mp4$/),
      expires_at: '2026-09-01T12:01:00.000Z',
      required_headers: { 'x-amz-meta-file-id': body.id },
    });
    expect((await fetch(body.public_url)).status).toBe(404);
    const headers = { 'content-type': 'video/mp4', ...body.required_headers };
    expect((await put(body.presigned_url, readFileSync(FACE), headers)).status).toBe(200);
    expect((await fetch(body.public_url)).headers.get('content-type')).toBe('video/mp4');
    expect((await bench.create('eachlabs', { video: body.public_url })).status).toBe(200);
    bench.clock.advance(60_000);
    expect((await fetch(body.public_url)).status).toBe(404);
  });

  it('refuses what was not signed for: headers, a key, a late or too large file', async () => {
    const bench = await startBench();
    const { body } = await presign(bench);
    const good = { 'content-type': 'video/mp4', ...body.required_headers };
    const refused = async (headers: Record<string, string>, bytes = Buffer.from('x')) =>
      (await put(body.presigned_url, bytes, headers)).status;
    expect(await refused({ ...good, 'content-type': 'video/webm' })).toBe(403);
    expect(await refused({ 'content-type': 'video/mp4' })).toBe(403);
    expect(await refused({ ...good, 'x-api-key': 'k' })).toBe(400);
    expect(await refused(good, Buffer.alloc(100 * 1024 * 1024 + 1))).toBe(400);
    bench.clock.advance(15 * 60_000);
    expect(await refused(good)).toBe(403);
    expect((await presign(bench, {})).status).toBe(400);
    expect((await presign(bench, { content_type: 'video/mp4', file_type: 'movie' })).status).toBe(400);
  });

  it('deletes a file', async () => {
    const bench = await startBench();
    const { body } = await presign(bench);
    await put(body.presigned_url, readFileSync(FACE), { 'content-type': 'video/mp4', ...body.required_headers });
    const url = `${bench.emulator.endpoints.eachlabs.baseUrl}/files/${body.id}`;
    expect((await fetch(url, { method: 'DELETE', headers: keyHeaders('eachlabs') })).status).toBe(204);
    expect((await fetch(body.public_url)).status).toBe(404);
  });
});

describe('wavespeed', () => {
  it('takes a multipart form', async () => {
    const bench = await startBench();
    const form = new FormData();
    form.append('note', 'before the file');
    form.append('file', new File([readFileSync(FACE)], 'face.mp4', { type: 'video/mp4' }));
    const url = `${bench.emulator.endpoints.wavespeed.baseUrl}/media/upload/binary`;
    const answer = await fetch(url, { method: 'POST', body: form, headers: keyHeaders('wavespeed') });
    const { data } = (await answer.json()) as { data: { download_url: string; size: number } };
    expect(data).toMatchObject({ type: 'video', filename: 'face.mp4', size: readFileSync(FACE).length });
    const back = Buffer.from(await (await fetch(data.download_url)).arrayBuffer());
    expect(back.equals(readFileSync(FACE))).toBe(true);
    const empty = new FormData();
    empty.append('other', 'x');
    const refused = await fetch(url, { method: 'POST', body: empty, headers: keyHeaders('wavespeed') });
    expect(refused.status).toBe(400);
  });

  it('wants exactly the announced bytes, and no key at the upload URL', async () => {
    const bench = await startBench();
    const url = `${bench.emulator.endpoints.wavespeed.baseUrl}/media/uploads`;
    const ticket = await bench.post(url, { filename: 'a.bin', size: 5 }, keyHeaders('wavespeed'));
    const { upload, download_url } = ticket.body.data;
    expect([upload.method, upload.headers]).toEqual(['PUT', {}]);
    expect((await put(upload.url, 'four', {})).status).toBe(400);
    expect((await put(upload.url, 'fives', keyHeaders('wavespeed'))).status).toBe(400);
    expect((await fetch(download_url)).status).toBe(404);
    expect((await put(upload.url, 'fives', {})).status).toBe(200);
    expect(await (await fetch(download_url)).text()).toBe('fives');
    expect((await bench.post(url, { filename: 'a.bin' }, keyHeaders('wavespeed'))).status).toBe(400);
  });
});

describe('an upload that fails', () => {
  it('is refused at its ticket or at its bytes, or cut off', async () => {
    const bench = await startBench({ faults: [{ kind: 'refuse-upload', at: 'ticket', status: 500, times: 1 }] });
    expect((await presign(bench)).status).toBe(500);
    const { body } = await presign(bench);
    const headers = { 'content-type': 'video/mp4', ...body.required_headers };
    bench.emulator.setFaults([
      { kind: 'refuse-upload', at: 'put', status: 503, times: 1 },
      { kind: 'drop-upload', times: 1, skip: 1 },
    ]);
    expect((await put(body.presigned_url, readFileSync(FACE), headers)).status).toBe(503);
    await expect(put(body.presigned_url, readFileSync(FACE), headers)).rejects.toThrow('fetch failed');
    expect((await put(body.presigned_url, readFileSync(FACE), headers)).status).toBe(200);
  });
});
