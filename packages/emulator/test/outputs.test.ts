import { readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { probe } from '@localize/media';
import { describe, expect, it } from 'vitest';
import { type Bench, startBench } from './support/bench.js';

async function finishedOutput(bench: Bench): Promise<string> {
  const { body } = await bench.create('vibedream');
  bench.clock.advance(600_000);
  return (await bench.poll('vibedream', body.id)).body.outputs[0];
}

/** Downloads until the end or the cut, and tells what came. */
function download(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; bytes: Buffer; whole: boolean; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const get = request(url, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        const end = (whole: boolean) =>
          resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(chunks), whole, headers: response.headers });
        response.on('end', () => end(true));
        response.on('error', () => end(false));
      });
      get.on('error', reject);
      get.end();
    },
  );
}

describe('an output', () => {
  it('is cut short while its announced length is right, and can be resumed', async () => {
    const bench = await startBench({ faults: [{ kind: 'truncate-output', fraction: 0.4, times: 2 }] });
    const url = await finishedOutput(bench);
    const first = await download(url);
    const size = Number(first.headers['content-length']);
    expect([first.status, first.whole, first.bytes.length]).toEqual([200, false, Math.floor(size * 0.4)]);
    const etag = String(first.headers.etag);
    const next = (from: number) => download(url, { range: `bytes=${from}-`, 'if-range': etag });
    const second = await next(first.bytes.length);
    expect([second.status, second.whole]).toEqual([206, false]);
    const got = first.bytes.length + second.bytes.length;
    const third = await next(got);
    expect([third.status, third.whole, third.headers['content-range']]).toEqual([
      206,
      true,
      `bytes ${got}-${size - 1}/${size}`,
    ]);
    const whole = await download(url);
    expect(Buffer.concat([first.bytes, second.bytes, third.bytes]).equals(whole.bytes)).toBe(true);
  });

  it('is sent whole when the reader’s copy is of another file, and 416 beyond its end', async () => {
    const bench = await startBench();
    const url = await finishedOutput(bench);
    expect((await download(url, { range: 'bytes=10-', 'if-range': '"other"' })).status).toBe(200);
    expect((await download(url, { range: 'bytes=99999999-' })).status).toBe(416);
    expect((await download(url, { range: 'bytes=-100' })).bytes.length).toBe(100);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
    expect((await fetch(url, { headers: { 'if-none-match': head.headers.get('etag') ?? '' } })).status).toBe(304);
  });

  it('expires, is missing, or is forbidden', async () => {
    const bench = await startBench();
    const url = await finishedOutput(bench);
    bench.emulator.setFaults([{ kind: 'output-status', status: 403, afterMs: 900_000 }]);
    expect((await fetch(url)).status).toBe(200);
    bench.clock.advance(900_000);
    expect((await fetch(url)).status).toBe(403);
    bench.emulator.setFaults([{ kind: 'output-status', status: 404, times: 1 }]);
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(url)).status).toBe(200);
  });

  it('is not there before its prediction is over', async () => {
    const bench = await startBench();
    const { body } = await bench.create('vibedream');
    expect((await fetch(`${bench.emulator.url}/vibedream/assets/outputs/${body.id}/1-0.mp4`)).status).toBe(404);
  });

  it('is shorter than its audio when so programmed', async () => {
    const bench = await startBench({ faults: [{ kind: 'short-output', fraction: 0.5 }] });
    const file = join(bench.dir, 'short.mp4');
    writeFileSync(file, (await download(await finishedOutput(bench))).bytes);
    expect(Math.abs((await probe(file)).durationMs - 1500)).toBeLessThan(100);
  });

  it('is made once for equal inputs, and can be the input of another', async () => {
    const bench = await startBench();
    const first = await finishedOutput(bench);
    const second = await finishedOutput(bench);
    expect((await fetch(first)).headers.get('etag')).toBe((await fetch(second)).headers.get('etag'));
    expect(readdirSync(join(bench.dir, 'state', 'outputs'))).toHaveLength(1);
    const again = bench.idOf('wavespeed', await bench.create('wavespeed', { video: first }));
    bench.clock.advance(600_000);
    expect((await bench.poll('wavespeed', again)).body.data.status).toBe('completed');
  });
});

describe('the bucket', () => {
  it('keeps what is put under a key, serves ranges, and forgets what is deleted', async () => {
    const bench = await startBench();
    const url = `${bench.emulator.bucketUrl}/a/b%20ä.txt?X-Amz-Signature=1`;
    const put = await fetch(url, { method: 'PUT', body: 'hello world', headers: { 'content-type': 'text/plain' } });
    expect([put.status, put.headers.get('etag')]).toEqual([200, expect.stringMatching(/^"[0-9a-f]{64}"$/)]);
    const part = await fetch(url, { headers: { range: 'bytes=6-10' } });
    expect([part.status, await part.text(), part.headers.get('content-type')]).toEqual([206, 'world', 'text/plain']);
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('11');
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(url)).status).toBe(404);
    const file = join(bench.dir, 'x.txt');
    writeFileSync(file, 'put from here');
    expect(await (await fetch(await bench.emulator.putFile(file, 'ä/x y.txt'))).text()).toBe('put from here');
  });
});
