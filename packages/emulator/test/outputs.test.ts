import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { finishVideo, probe, verifyVideo } from '@localize/media';
import { describe, expect, it, test, vi } from 'vitest';
import { type Bench, keyHeaders, ROUTE_KEYS, type RouteKey, startBench } from './support/bench.js';

async function finishedOutput(bench: Bench, inputs: Record<string, unknown> = {}): Promise<string> {
  const { body } = await bench.create('vibedream', inputs);
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
    const first = await finishedOutput(bench, { seed: 7 });
    const [one, same] = [await fetch(first), await fetch(await finishedOutput(bench, { seed: 7 }))];
    expect(same.headers.get('etag')).toBe(one.headers.get('etag'));
    expect(Buffer.from(await same.arrayBuffer()).equals(Buffer.from(await one.arrayBuffer()))).toBe(true);
    await finishedOutput(bench, { seed: 8 });
    expect(readdirSync(join(bench.dir, 'state', 'outputs'))).toHaveLength(1);
    const again = bench.idOf('wavespeed', await bench.create('wavespeed', { video: first }));
    bench.clock.advance(600_000);
    expect((await bench.poll('wavespeed', again)).body.data.status).toBe('completed');
  });
});

it.each(ROUTE_KEYS)('%s names no file of this machine where an output cannot be made', async (route) => {
  const bench = await startBench();
  const id = bench.idOf(route, await bench.create(route));
  const content = join(bench.dir, 'state', 'content');
  rmSync(content, { recursive: true });
  bench.clock.advance(600_000);
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  const poll = await bench.poll(route, id);
  const result = route === 'fal' ? await bench.get(poll.body.response_url, keyHeaders(route)) : poll;
  expect([poll.status, result.status]).toEqual([200, route === 'fal' ? 500 : 200]);
  const words = JSON.stringify([poll.body, result.body]);
  expect(words).toMatch(/[Gg]eneration failed|prediction failed|[Ii]nternal/);
  expect(words).not.toContain(bench.dir);
  // For who runs it.
  expect(String(printed.mock.calls[0]?.[0])).toContain(content);
  printed.mockRestore();
});

it.each([
  ['vibedream', { error: 'Internal server error' }],
  ['eachlabs', { status: 'error' }],
  ['wavespeed', { code: 500 }],
  ['fal', { error_type: 'internal_error' }],
] as const)('%s names no file where the emulator itself fails', async (route, words) => {
  let fails = false;
  const now = () => {
    if (fails) throw new Error(`ENOENT: no such file, open '${bench.dir}'`);
    return 1_700_000_000_000;
  };
  const bench: Bench = await startBench({ now });
  const id = bench.idOf(route, await bench.create(route));
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  fails = true;
  const answer = await bench.poll(route, id);
  fails = false;
  expect([answer.status, answer.body]).toEqual([500, expect.objectContaining(words)]);
  expect(JSON.stringify(answer.body)).not.toContain(bench.dir);
  expect(String(printed.mock.calls[0]?.[0])).toContain(bench.dir);
  printed.mockRestore();
});

describe('a seed', () => {
  const sendOf = async (bench: Bench, route: RouteKey, inputs: Record<string, unknown>) => {
    const id = bench.idOf(route, await bench.create(route, inputs));
    bench.clock.advance(600_000);
    const { body } = await bench.poll(route, id);
    const result = route === 'fal' ? (await bench.get(body.response_url, keyHeaders('fal'))).body : body;
    const url = result.video?.url ?? result.data?.outputs[0] ?? result.outputs?.[0] ?? result.output;
    const { bytes, headers } = await download(url);
    const file = join(bench.dir, 'output.mp4');
    writeFileSync(file, bytes);
    await verifyVideo(file);
    return `${createHash('sha256').update(bytes).digest('hex')} ${headers.etag}`;
  };

  // What a page says of a create without a seed, or with the one that stands for a random one.
  it.each([
    ['vibedream', [{}, {}]],
    ['eachlabs', [{}, {}]],
    ['wavespeed', [{}, { seed: -1 }]],
    ['multi', [{}, { seed: -1 }]],
    ['fal', [{ seed: null }, { seed: null }]],
  ] as const)('of %s makes another video, the same one the same, and none a random one', async (route, randoms) => {
    const bench = await startBench({ limits: { [route === 'multi' ? 'wavespeed' : route]: { creates: null } } });
    const seven = await sendOf(bench, route, { seed: 7 });
    expect(await sendOf(bench, route, { seed: 7 })).toBe(seven);
    const others = [{ seed: 8 }, ...randoms].map((inputs) => () => sendOf(bench, route, inputs));
    const made = new Set([seven]);
    for (const other of others) made.add(await other());
    expect(made.size).toBe(4);
    if (route === 'fal') expect(await sendOf(bench, route, {})).toBe(await sendOf(bench, route, { seed: 42 }));
  });
});

test('a seed stays told in the pictures where their packets are copied beside another sound, from any byte on', async () => {
  const bench = await startBench();
  const deliverable = async (seed: number) => {
    const url = await finishedOutput(bench, { seed });
    const { bytes } = await download(url);
    const middle = bytes.indexOf(`seed ${seed}`) + 3;
    const ranges = [`bytes=0-${middle}`, `bytes=${middle + 1}-`];
    const halves = await Promise.all(ranges.map((range) => download(url, { range })));
    expect(Buffer.concat(halves.map((half) => half.bytes)).equals(bytes)).toBe(true);
    const [picture, output] = [join(bench.dir, `${seed}.mp4`), join(bench.dir, `${seed}.track.mp4`)];
    writeFileSync(picture, bytes);
    const sound = { audio: [picture], arrangement: 'single' } as const;
    await finishVideo({
      picture,
      sound,
      tags: { title: 'safety', languageCode: 'deu', languageTag: 'de', trackName: 'German' },
      subtitles: null,
      output,
    });
    await verifyVideo(output);
    return readFileSync(output);
  };
  const [seven, eight] = [await deliverable(7), await deliverable(8)];
  expect(seven.equals(eight)).toBe(false);
  expect([seven.includes('seed 7 '), eight.includes('seed 8 ')]).toEqual([true, true]);
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
