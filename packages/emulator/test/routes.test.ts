import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe } from '@localize/media';
import { describe, expect, it } from 'vitest';
import { type Bench, keyHeaders, ROUTE_KEYS, type RouteKey, startBench } from './support/bench.js';

const HOUR_MS = 3_600_000;

/** Where a finished prediction's video is. */
async function outputUrl(bench: Bench, route: RouteKey, id: string): Promise<string> {
  const { body } = await bench.poll(route, id);
  if (route === 'vibedream') return body.outputs[0];
  if (route === 'eachlabs') return body.output;
  if (route !== 'fal') return body.data.outputs[0];
  return (await bench.get(body.response_url, keyHeaders('fal'))).body.video.url;
}

describe.each(ROUTE_KEYS)('%s', (route) => {
  it('goes from create to a playable output as long as it has to be', async () => {
    const bench = await startBench();
    const id = bench.idOf(route, await bench.create(route));
    bench.clock.advance(HOUR_MS);
    const response = await fetch(await outputUrl(bench, route, id));
    expect(response.headers.get('content-type')).toBe('video/mp4');
    const file = join(bench.dir, 'output.mp4');
    writeFileSync(file, Buffer.from(await response.arrayBuffer()));
    const facts = await probe(file);
    const expected = { vibedream: 3000, eachlabs: 3000, wavespeed: 3000, multi: 3000, fal: 3240 }[route];
    expect(facts.video?.codec).toBe('avc');
    expect(facts.audio).not.toBeNull();
    expect(Math.abs(facts.durationMs - expected)).toBeLessThan(100);
  });

  it('refuses a request without a key, and one with a key of another kind', async () => {
    const bench = await startBench();
    expect((await bench.create(route, {}, '')).status).toBe(401);
    const foreign: Record<string, string> =
      route === 'fal' ? { authorization: 'Bearer test-key' } : { authorization: 'Key test-key' };
    expect((await bench.get(`${bench.emulator.url}/${route}`, foreign)).status).not.toBe(200);
    expect(bench.emulator.ledger().creates.map((one) => [one.reason, one.account])).toEqual([['unauthorized', null]]);
  });

  it('knows nothing of an id that it never gave out', async () => {
    const bench = await startBench();
    expect((await bench.poll(route, 'c0ffee')).status).toBe(404);
  });
});

describe('the shapes of the pages', () => {
  it('vibedream: submit, completed', async () => {
    const bench = await startBench();
    const { status, body } = await bench.create('vibedream', { seed: 0, prompt: 'x' });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'processing',
      statusUrl: `${bench.emulator.endpoints.vibedream.baseUrl}/predictions/${body.id}`,
      estimatedTime: '10–30s per 1 second of video',
      costCents: 17,
      createdAt: '2026-09-01T12:00:00.000Z',
    });
    expect((await bench.poll('vibedream', body.id)).body).toEqual({
      id: body.id,
      modelId: 'video-to-video',
      modelName: 'InfiniteTalk Fast Video-To-Video',
      status: 'processing',
      outputs: null,
      error: null,
      createdAt: '2026-09-01T12:00:00.000Z',
      completedAt: null,
    });
    bench.clock.advance(HOUR_MS);
    const done = (await bench.poll('vibedream', body.id)).body;
    expect(done.status).toBe('completed');
    expect(done.outputs).toEqual([expect.stringMatching(new RegExp(`/outputs/${body.id}/\\d{13}-0\\.mp4$`))]);
    expect(done.completedAt).toMatch(/Z$/);
  });

  it('eachlabs: create, processing, success', async () => {
    const bench = await startBench();
    const { body } = await bench.create('eachlabs');
    const message = 'Prediction created successfully';
    expect(body).toEqual({ status: 'success', message, predictionID: expect.any(String) });
    bench.clock.advance(10_000);
    expect((await bench.poll('eachlabs', body.predictionID)).body).toMatchObject({
      status: 'processing',
      output: null,
    });
    bench.clock.advance(HOUR_MS);
    const done = (await bench.poll('eachlabs', body.predictionID)).body;
    expect(done).toMatchObject({
      status: 'success',
      predictionID: body.predictionID,
      id: body.predictionID,
      input: { video: bench.video, audio: await bench.audio(3) },
      output: expect.stringMatching(/^http/),
      metrics: { predict_time: expect.any(Number), cost: 0.2 },
    });
  });

  it('wavespeed: submit and result share one envelope', async () => {
    const bench = await startBench();
    const { body } = await bench.create('wavespeed', { resolution: '480p', seed: -1 });
    expect(body).toEqual({
      code: 200,
      message: 'success',
      data: {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        model: 'wavespeed-ai/infinitetalk/video-to-video',
        outputs: [],
        urls: { get: `${bench.emulator.endpoints.wavespeed.baseUrl}/predictions/${body.data.id}/result` },
        has_nsfw_contents: [],
        status: 'created',
        created_at: expect.stringMatching(/^2026-09-01T12:00:00\.000\d{6}Z$/),
        error: '',
        timings: { inference: 0 },
      },
    });
    bench.clock.advance(5_000);
    expect((await bench.poll('wavespeed', body.data.id)).body.data.status).toBe('processing');
    bench.clock.advance(HOUR_MS);
    const { data } = (await bench.poll('wavespeed', body.data.id)).body;
    expect(data).toMatchObject({ status: 'completed', has_nsfw_contents: [false] });
    expect(data.timings.inference).toBeGreaterThanOrEqual(30_000);
  });

  it('fal: 202 while it waits and runs, 200 when complete; the full path and /response answer too', async () => {
    const bench = await startBench();
    const { body: submitted } = await bench.create('fal');
    const key = keyHeaders('fal');
    expect(submitted).toMatchObject({ status: 'IN_QUEUE', queue_position: 0, request_id: expect.any(String) });
    const queued = await bench.get(submitted.status_url, key);
    expect([queued.status, queued.body.status]).toEqual([202, 'IN_QUEUE']);
    expect(queued.headers.get('x-fal-request-id')).toBe(submitted.request_id);
    bench.clock.advance(5_000);
    const running = await bench.get(`${submitted.status_url}?logs=1`, key);
    expect([running.status, running.body.status]).toEqual([202, 'IN_PROGRESS']);
    expect(running.body.logs[0]).toEqual({
      message: expect.any(String),
      level: 'INFO',
      source: 'USER',
      timestamp: expect.any(String),
    });
    expect((await bench.get(submitted.response_url, key)).status).toBe(400);
    bench.clock.advance(HOUR_MS);
    const complete = await bench.get(submitted.status_url, key);
    expect([complete.status, complete.body.status, complete.body.error]).toEqual([200, 'COMPLETED', undefined]);
    const expected = { video: { url: expect.any(String), content_type: 'video/mp4' }, seed: 42 };
    const { baseUrl } = bench.emulator.endpoints.fal;
    const long = `${baseUrl}/fal-ai/infinitalk/video-to-video/requests/${submitted.request_id}`;
    for (const url of [submitted.response_url, `${submitted.response_url}/response`, long, `${long}/response`]) {
      expect((await bench.get(url, key)).body).toMatchObject(expected);
    }
  });
});
