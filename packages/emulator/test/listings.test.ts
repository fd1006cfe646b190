import { describe, expect, it } from 'vitest';
import { type Bench, keyHeaders, startBench } from './support/bench.js';

const MODEL = 'infinitalk-video-to-video';
const ENDPOINT = 'fal-ai/infinitalk/video-to-video';

describe('fal: requests by endpoint', () => {
  const list = (bench: Bench, query: string, key = 'test-key') =>
    bench.get(
      `${bench.emulator.endpoints.fal.platformUrl}/models/requests/by-endpoint?${query}`,
      keyHeaders('fal', key),
    );

  it('lists what has started, with payloads when asked, latest end first, of the own account', async () => {
    const bench = await startBench();
    const audio = await bench.audio(3);
    const first = bench.idOf('fal', await bench.create('fal', { prompt: 'one' }));
    expect((await list(bench, `endpoint_id=${ENDPOINT}`)).body).toEqual({
      items: [],
      next_cursor: null,
      has_more: false,
    });
    bench.clock.advance(5_000);
    const running = (await list(bench, `endpoint_id=${ENDPOINT}&expand=payloads`)).body.items;
    expect(running).toEqual([
      {
        request_id: first,
        endpoint_id: ENDPOINT,
        sent_at: '2026-09-01T12:00:00.000Z',
        started_at: expect.any(String),
        ended_at: null,
        status_code: null,
        duration: null,
        json_input: { audio_url: audio, video_url: bench.video, prompt: 'one', num_frames: 81 },
      },
    ]);
    bench.clock.advance(600_000);
    await bench.create('fal', { prompt: 'two', audio_url: 'https://example.com/x.mp3' });
    await bench.create('fal', { prompt: 'other account' }, 'another-key');
    bench.clock.advance(600_000);
    const { items } = (await list(bench, `endpoint_id=${ENDPOINT}&expand=payloads`)).body;
    expect(items.map((one: { json_input: { prompt: string } }) => one.json_input.prompt)).toEqual(['two', 'one']);
    expect(items[0]).toMatchObject({ status_code: 422, json_output: { detail: [{ type: 'file_download_error' }] } });
    expect(items[1]).toMatchObject({ status_code: 200, json_output: { video: { url: expect.any(String) }, seed: 42 } });
    expect((await list(bench, `endpoint_id=${ENDPOINT}&status=user_error`)).body.items).toHaveLength(1);
    expect((await list(bench, `endpoint_id=${ENDPOINT}&request_id=${first}`)).body.items).toHaveLength(1);
    const [page] = [(await list(bench, `endpoint_id=${ENDPOINT}&limit=1`)).body];
    expect([page.items.length, page.has_more]).toEqual([1, true]);
    const next = (await list(bench, `endpoint_id=${ENDPOINT}&limit=1&cursor=${page.next_cursor}`)).body;
    expect([next.items[0].request_id, next.has_more]).toEqual([first, false]);
    const later = `start=${new Date(bench.clock.at - 700_000).toISOString()}`;
    expect((await list(bench, `endpoint_id=${ENDPOINT}&${later}`)).body.items).toHaveLength(1);
  });

  it('keeps no payloads of a request that asked for that', async () => {
    const bench = await startBench();
    const body = { audio_url: await bench.audio(3), video_url: bench.video, prompt: 'x' };
    const url = `${bench.emulator.endpoints.fal.baseUrl}/${ENDPOINT}`;
    await bench.post(url, body, { ...keyHeaders('fal'), 'x-fal-store-io': '0' });
    bench.clock.advance(5_000);
    const { items } = (await list(bench, `endpoint_id=${ENDPOINT}&expand=payloads`)).body;
    expect(items[0].json_input).toBeUndefined();
  });

  it('answers in its own error body', async () => {
    const bench = await startBench();
    const bad = [await list(bench, ''), await list(bench, `endpoint_id=${ENDPOINT}&limit=101`)];
    bad.push(
      await list(bench, `endpoint_id=${ENDPOINT}&status=ok`),
      await list(bench, `endpoint_id=x&start=yesterday`),
    );
    expect(bad.map((one) => [one.status, one.body.error.type])).toEqual(Array(4).fill([400, 'validation_error']));
    const noKey = await bench.get(`${bench.emulator.endpoints.fal.platformUrl}/models/requests/by-endpoint`);
    expect([noKey.status, noKey.body]).toEqual([
      401,
      { error: { type: 'authorization_error', message: 'Authentication required' } },
    ]);
  });
});

describe('wavespeed: predictions', () => {
  const list = (bench: Bench, body: unknown) =>
    bench.post(`${bench.emulator.endpoints.wavespeed.baseUrl}/predictions`, body, keyHeaders('wavespeed'));

  it('lists the account’s history, newest first, filtered and paged, with inputs unless hidden', async () => {
    const bench = await startBench();
    const first = bench.idOf('wavespeed', await bench.create('wavespeed', { seed: 1 }));
    bench.clock.advance(60_000);
    const second = bench.idOf('multi', await bench.create('multi', { seed: 2 }));
    await bench.create('wavespeed', {}, 'another-key');
    const all = await list(bench, { page: 1, page_size: 100 });
    expect(all.body).toMatchObject({ code: 200, message: 'success', data: { page: 1 } });
    const { items } = all.body.data;
    expect(items.map((one: { id: string }) => one.id)).toEqual([second, first]);
    expect(items[1]).toMatchObject({
      model: 'wavespeed-ai/infinitetalk/video-to-video',
      inputs: { seed: 1, video: bench.video },
      urls: { get: expect.stringContaining(`/predictions/${first}/result`) },
      executionTime: expect.any(Number),
      error: '',
    });
    const ids = async (body: object) =>
      (await list(bench, { page: 1, page_size: 10, ...body })).body.data.items.map((one: { id: string }) => one.id);
    expect(await ids({ model: 'wavespeed-ai/infinitetalk/video-to-video' })).toEqual([first]);
    expect(await ids({ created_after: '2026-09-01T12:00:30Z' })).toEqual([second]);
    expect(await ids({ created_before: '2026-09-01T12:00:30Z' })).toEqual([first]);
    expect(await ids({ page: 2, page_size: 1 })).toEqual([first]);
    expect(await ids({ status: 'created' })).toEqual([second]);
    bench.clock.advance(7 * 86_400_000 + 1);
    expect(await ids({})).toEqual([]);
    await bench.restart({ wavespeedEchoesInputs: false });
    await bench.create('wavespeed', { video: `${bench.emulator.bucketUrl}/videos/face.mp4` });
    expect((await list(bench, { page: 1, page_size: 1 })).body.data.items[0].inputs).toBeUndefined();
  });

  it('needs both page fields, and knows no others than its own', async () => {
    const bench = await startBench();
    for (const body of [{}, { page: 1 }, { page: 1, page_size: 101 }, { page: 1, page_size: 10, limit: 5 }]) {
      expect((await list(bench, body)).status).toBe(400);
    }
  });

  it('forgets what is deleted', async () => {
    const bench = await startBench();
    const id = bench.idOf('wavespeed', await bench.create('wavespeed'));
    const url = `${bench.emulator.endpoints.wavespeed.baseUrl}/predictions/delete`;
    const deleted = await bench.post(url, { ids: [id, 'unknown'] }, keyHeaders('wavespeed'));
    expect(deleted.body.data).toEqual({ deleted_count: 1 });
    expect((await bench.poll('wavespeed', id)).status).toBe(404);
    expect((await list(bench, { page: 1, page_size: 10 })).body.data.items).toEqual([]);
  });
});

describe('eachlabs: executions', () => {
  const list = (bench: Bench, query = '') =>
    bench.get(`${bench.emulator.endpoints.eachlabs.baseUrl}/executions?${query}`, keyHeaders('eachlabs'));

  it('lists the organization’s history without inputs; the prediction itself has them', async () => {
    const bench = await startBench();
    const audio = await bench.audio(3);
    const first = bench.idOf('eachlabs', await bench.create('eachlabs', {}, 'colleague'));
    bench.clock.advance(3_600_000);
    const second = bench.idOf('eachlabs', await bench.create('eachlabs', { seed: 5 }));
    const { body } = await list(bench, `model=${MODEL}`);
    expect(body).toMatchObject({ total_count: 2, total_capped: false, offset: 0, limit: 20 });
    expect(body.executions.map((one: { id: string }) => one.id)).toEqual([second, first]);
    expect(body.executions[1]).toEqual({
      id: first,
      model: MODEL,
      requested_model: null,
      status: 'success',
      workflow_id: null,
      workflow_execution_id: null,
      execution_cost: 0.2,
      run_time: expect.any(Number),
      created_at: '2026-09-01T12:00:00.000Z',
      started_at: expect.any(String),
      completed_at: expect.any(String),
      output: expect.stringMatching(/^http/),
    });
    expect((await bench.poll('eachlabs', first)).body.input).toEqual({ audio, video: bench.video });
    const ids = async (query: string) =>
      (await list(bench, query)).body.executions.map((one: { id: string }) => one.id);
    expect(await ids('status=success,error')).toEqual([first]);
    expect(await ids('status=created,starting')).toEqual([second]);
    expect(await ids('from=2026-09-01T12:30:00Z')).toEqual([second]);
    expect(await ids('to=2026-09-01T12:30:00Z')).toEqual([first]);
    expect(await ids('limit=1&offset=1')).toEqual([first]);
    expect(await ids('model=other')).toEqual([]);
    for (const bad of ['status=processing', 'limit=0', 'limit=101', 'from=yesterday', 'error_classification=bad']) {
      expect((await list(bench, bad)).status).toBe(400);
    }
  });

  it('cancels, uncharged, and tells the model’s schema without a key', async () => {
    const bench = await startBench();
    const id = bench.idOf('eachlabs', await bench.create('eachlabs'));
    const { baseUrl } = bench.emulator.endpoints.eachlabs;
    const cancelled = await bench.post(`${baseUrl}/prediction/${id}/cancel`, '', keyHeaders('eachlabs'));
    expect(cancelled.body).toEqual({
      status: 'cancelled',
      message: 'Prediction canceled successfully',
      predictionID: id,
    });
    bench.clock.advance(3_600_000);
    expect((await bench.poll('eachlabs', id)).body.status).toBe('cancelled');
    expect(bench.emulator.ledger().billedMicros).toBe(0);
    const model = await bench.get(`${baseUrl}/model?slug=${MODEL}`);
    expect(model.body.request_schema.required).toEqual(['audio', 'video']);
    expect((await bench.get(`${baseUrl}/model?slug=other`)).status).toBe(404);
  });
});

describe('a listing that lags', () => {
  it('shows a prediction only after its time, while polls know it at once', async () => {
    const bench = await startBench({ faults: [{ kind: 'listing-lag', ms: 90_000 }] });
    const id = bench.idOf('eachlabs', await bench.create('eachlabs'));
    const url = `${bench.emulator.endpoints.eachlabs.baseUrl}/executions`;
    const count = async () => (await bench.get(url, keyHeaders('eachlabs'))).body.executions.length;
    bench.clock.advance(89_999);
    expect([await count(), (await bench.poll('eachlabs', id)).status]).toEqual([0, 200]);
    bench.clock.advance(1);
    expect(await count()).toBe(1);
    bench.emulator.setFaults([{ kind: 'refuse-listing', status: 503, times: 1 }]);
    expect((await bench.get(url, keyHeaders('eachlabs'))).status).toBe(503);
  });
});
