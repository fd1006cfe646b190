import { readFileSync } from 'node:fs';
import { ApiError, createFalClient, ValidationError } from '@fal-ai/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Client as WavespeedClient } from 'wavespeed';
import { type Bench, FACE, startBench } from './support/bench.js';

const ENDPOINT = 'fal-ai/infinitalk/video-to-video';

/** The official client, its fixed hosts redirected to the emulator. */
function falClient({ emulator }: Bench, credentials = 'id:secret') {
  const hosts: readonly (readonly [string, string])[] = [
    ['https://queue.fal.run', emulator.endpoints.fal.baseUrl],
    ['https://rest.fal.ai', emulator.endpoints.fal.uploadUrl],
  ];
  return createFalClient({
    credentials,
    requestMiddleware: async (request) => {
      const host = hosts.find(([own]) => request.url.startsWith(own));
      return host === undefined ? request : { ...request, url: request.url.replace(host[0], host[1]) };
    },
    retry: { maxRetries: 0 },
  });
}

/** In real time, so that the clients' own polling is what moves things on. */
function startRealTime() {
  return startBench({ now: Date.now, speed: 200 });
}

async function falInput(bench: Bench) {
  return { video_url: bench.video, audio_url: await bench.audio(3), prompt: 'A person speaks', num_frames: 81 };
}

describe('@fal-ai/client', () => {
  it('subscribes: queue updates, logs, result', async () => {
    const bench = await startRealTime();
    const seen: string[] = [];
    const result = await falClient(bench).subscribe(ENDPOINT, {
      input: await falInput(bench),
      logs: true,
      pollInterval: 30,
      onQueueUpdate: (update) => {
        seen.push(update.status);
        if (update.status === 'IN_PROGRESS') update.logs.map((log) => log.message);
      },
    });
    expect(result.data.video.url).toMatch(/^http/);
    expect(result.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen.at(-1)).toBe('COMPLETED');
    expect((await fetch(result.data.video.url)).status).toBe(200);
  });

  it('subscribes by streaming', async () => {
    const bench = await startRealTime();
    const seen: string[] = [];
    const result = await falClient(bench).subscribe(ENDPOINT, {
      input: await falInput(bench),
      mode: 'streaming',
      onQueueUpdate: (update) => seen.push(update.status),
    });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe('COMPLETED');
    expect(result.data.video.file_size).toBeGreaterThan(1000);
  });

  it('is streamed each line of the log once', async () => {
    const bench = await startRealTime();
    const lines: string[] = [];
    await falClient(bench).subscribe(ENDPOINT, {
      input: await falInput(bench),
      mode: 'streaming',
      logs: true,
      onQueueUpdate: (update) => {
        if (update.status === 'COMPLETED') lines.push(...(update.logs ?? []).map(({ message }) => message));
      },
    });
    expect(lines).toEqual(['Loading inputs', 'Generating video', 'Done']);
  });

  it('may stream one request many times at once, and Node warns of nothing', async () => {
    const bench = await startBench();
    const warnings: string[] = [];
    const note = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
    process.on('warning', note);
    const { body } = await bench.create('fal');
    const streams = await Promise.all(
      Array.from({ length: 12 }, () =>
        fetch(`${body.status_url}/stream`, { headers: { authorization: 'Key test-key' } }),
      ),
    );
    const ends = streams.map((stream) => stream.text());
    await new Promise((resolve) => setTimeout(resolve, 150));
    await bench.send('PUT', body.cancel_url, '', { authorization: 'Key test-key' });
    for (const text of await Promise.all(ends)) expect(text).toContain('COMPLETED');
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('gets 504 for what is not begun in the time that it allows, which is neither run nor billed', async () => {
    const bench = await startBench();
    const fal = falClient(bench);
    const input = await falInput(bench);
    for (let index = 0; index < 10; index += 1) await fal.queue.submit(ENDPOINT, { input });
    const submit = () => fal.queue.submit(ENDPOINT, { input, startTimeout: 20 });
    const { request_id: requestId } = await submit();
    bench.clock.advance(19_000);
    expect((await fal.queue.status(ENDPOINT, { requestId })).status).toBe('IN_QUEUE');
    bench.clock.advance(3_600_000);
    const error = await fal.queue.result(ENDPOINT, { requestId }).catch((one: unknown) => one);
    expect(error).toMatchObject({ status: 504 });
    const { request_id: begun } = await submit();
    bench.clock.advance(3_600_000);
    expect((await fal.queue.result(ENDPOINT, { requestId: begun })).data.video.url).toMatch(/^http/);
    const charged = bench.emulator.ledger().predictions.filter(({ charged }) => charged);
    expect(charged.map(({ id }) => id)).not.toContain(requestId);
    expect(charged).toHaveLength(11);
  });

  it('submits, asks, cancels', async () => {
    const bench = await startBench();
    const fal = falClient(bench);
    const { request_id: requestId } = await fal.queue.submit(ENDPOINT, { input: await falInput(bench) });
    expect((await fal.queue.status(ENDPOINT, { requestId, logs: true })).status).toBe('IN_QUEUE');
    await expect(fal.queue.result(ENDPOINT, { requestId })).rejects.toMatchObject({ status: 400 });
    await fal.queue.cancel(ENDPOINT, { requestId });
    expect((await fal.queue.status(ENDPOINT, { requestId })).status).toBe('COMPLETED');
    await expect(fal.queue.result(ENDPOINT, { requestId })).rejects.toBeInstanceOf(ApiError);
    await expect(fal.queue.status(ENDPOINT, { requestId: 'unknown' })).rejects.toMatchObject({ status: 404 });
  });

  it('throws its own errors: validation with fields, a bad key', async () => {
    const bench = await startBench({ accounts: { fal: { good: 'main' } } });
    const { prompt: _prompt, ...input } = await falInput(bench);
    const submit = falClient(bench, 'good').queue.submit(ENDPOINT, { input: input as never });
    const error = await submit.catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).getFieldErrors('prompt')).toMatchObject([{ type: 'missing' }]);
    const bad = falClient(bench, 'bad').queue.submit(ENDPOINT, { input: await falInput(bench) });
    await expect(bad).rejects.toMatchObject({ status: 401 });
  });

  it('uploads a file that a create then takes', async () => {
    const bench = await startBench();
    const fal = falClient(bench);
    const file = new File([readFileSync(FACE)], 'my face.mp4', { type: 'video/mp4' });
    const url = await fal.storage.upload(file);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(readFileSync(FACE))).toBe(true);
    const { request_id } = await fal.queue.submit(ENDPOINT, { input: { ...(await falInput(bench)), video_url: url } });
    bench.clock.advance(3_600_000);
    expect((await fal.queue.result(ENDPOINT, { requestId: request_id })).data.video.url).toMatch(/^http/);
  });

  it('uploads in parts above 90 MB', async () => {
    const bench = await startBench();
    const block = Buffer.alloc(1024 * 1024, 7);
    const file = new File(Array<Buffer<ArrayBuffer>>(91).fill(block), 'large.mp4', { type: 'video/mp4' });
    const url = await falClient(bench).storage.upload(file);
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(91 * 1024 * 1024));
  });
});

describe('wavespeed', () => {
  const models = [
    'wavespeed-ai/infinitetalk/video-to-video',
    'wavespeed-ai/infinitetalk-fast/video-to-video-multi',
  ] as const;
  const client = (bench: Bench) => new WavespeedClient('key', { baseUrl: `${bench.emulator.url}/wavespeed` });
  const inputs = async (bench: Bench, model: string) =>
    model === models[0]
      ? { video: bench.video, audio: await bench.audio(3), resolution: '480p', seed: -1 }
      : { video: bench.video, left_audio: await bench.audio(3), right_audio: await bench.audio(2) };

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(models)('runs %s to its output', async (model) => {
    const bench = await startRealTime();
    const { outputs } = await client(bench).run(model, await inputs(bench, model), { pollInterval: 0.03 });
    expect((await fetch(outputs[0] as string)).headers.get('content-type')).toBe('video/mp4');
  });

  it('runs in sync mode', async () => {
    const bench = await startRealTime();
    const { outputs } = await client(bench).run(models[0], await inputs(bench, models[0]), { enableSyncMode: true });
    expect(outputs).toHaveLength(1);
  });

  it('throws what the prediction failed of, and submits once only', async () => {
    const bench = await startRealTime();
    bench.emulator.setFaults([{ kind: 'moderate-prediction', times: 1 }]);
    const run = client(bench).run(models[0], await inputs(bench, models[0]), { pollInterval: 0.03 });
    await expect(run).rejects.toThrow(/flagged/);
    bench.emulator.setFaults([{ kind: 'create-then-status', status: 502 }]);
    vi.spyOn(console, 'log').mockReturnValue();
    await expect(client(bench).run(models[0], await inputs(bench, models[0]))).rejects.toThrow(
      /may already have been created/,
    );
    expect(bench.emulator.ledger().creates).toHaveLength(2);
  });

  it('uploads a file that a create then takes', async () => {
    const bench = await startRealTime();
    const url = await client(bench).upload(FACE);
    const { outputs } = await client(bench).run(
      models[0],
      { ...(await inputs(bench, models[0])), video: url },
      { pollInterval: 0.03 },
    );
    expect(outputs).toHaveLength(1);
  });
});
