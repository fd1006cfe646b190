import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/index.js';
import { writeWav } from './wav-file.js';

/** A small H.264 video of two seconds, without sound. */
export const FACE = fileURLToPath(new URL('../__fixtures__/face.mp4', import.meta.url));

/** A file that the media package is tested with. */
export function mediaFixture(name: string): string {
  return fileURLToPath(new URL(`../../../media/test/__fixtures__/${name}`, import.meta.url));
}

/** A clock that tests move by hand. */
class Clock {
  at = Date.parse('2026-09-01T12:00:00Z');
  readonly now = () => this.at;

  advance(ms: number): void {
    this.at += ms;
  }
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of many shapes
  body: any;
  headers: Headers;
}

/** A running emulator with a video and audio of several lengths in its bucket. */
export interface Bench {
  emulator: Emulator;
  clock: Clock;
  dir: string;
  video: string;
  /** Audio URL of a length in seconds; made when first asked for. */
  audio(seconds: number): Promise<string>;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, url: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Buys one prediction of a route with good inputs; inputs given are laid over them, undefined removes. */
  create(route: RouteKey, inputs?: Record<string, unknown>, key?: string): Promise<Answer>;
  idOf(route: RouteKey, answer: Answer): string;
  poll(route: RouteKey, id: string, key?: string): Promise<Answer>;
  restart(options?: Partial<EmulatorOptions>): Promise<void>;
}

export type RouteKey = 'vibedream' | 'eachlabs' | 'wavespeed' | 'multi' | 'fal';
export const ROUTE_KEYS: readonly RouteKey[] = ['vibedream', 'eachlabs', 'wavespeed', 'multi', 'fal'];

/** The headers that carry a key to a provider. */
export function keyHeaders(route: RouteKey, key = 'test-key'): Record<string, string> {
  if (route === 'eachlabs') return { 'x-api-key': key };
  return { authorization: `${route === 'fal' ? 'Key' : 'Bearer'} ${key}` };
}

/** Starts an emulator on a clock that stands still until moved; it is closed when the test ends. */
export async function startBench(options: Partial<EmulatorOptions> = {}): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), 'emulator-test-'));
  const clock = new Clock();
  const settings: EmulatorOptions = { dir: join(dir, 'state'), now: clock.now, ...options };
  let emulator = await startEmulator(settings);
  onTestFinished(async () => {
    await emulator.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const video = await emulator.putFile(FACE, 'videos/face.mp4');
  const audios = new Map<number, Promise<string>>();
  const bench: Bench = {
    get emulator() {
      return emulator;
    },
    clock,
    dir,
    video,
    audio(seconds) {
      const known = audios.get(seconds);
      if (known !== undefined) return known;
      const put = emulator.putFile(writeWav(join(dir, `${seconds}.wav`), seconds), `audio/${seconds}.wav`);
      audios.set(seconds, put);
      return put;
    },
    get: (url, headers = {}) => answerOf(fetch(url, { headers })),
    send: (method, url, body, headers = {}) =>
      answerOf(
        fetch(url, {
          method,
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...headers },
        }),
      ),
    post: (url, body, headers) => bench.send('POST', url, body, headers),
    async create(route, inputs = {}, key = 'test-key') {
      const { url, body } = await createOf(bench, route, inputs);
      return bench.post(url, body, keyHeaders(route, key));
    },
    idOf: (route, { body }) => {
      if (route === 'eachlabs') return body.predictionID;
      if (route === 'fal') return body.request_id;
      return route === 'vibedream' ? body.id : body.data.id;
    },
    poll: (route, id, key) => bench.get(pollUrl(emulator, route, id), keyHeaders(route, key)),
    async restart(changes = {}) {
      await emulator.close();
      emulator = await startEmulator({ ...settings, ...changes });
    },
  };
  return bench;
}

/** The URL and the body of a create. */
export async function createOf(bench: Bench, route: RouteKey, inputs: Record<string, unknown> = {}) {
  const { endpoints } = bench.emulator;
  const audio = await bench.audio(3);
  const { video } = bench;
  switch (route) {
    case 'vibedream':
      return {
        url: `${endpoints.vibedream.baseUrl}/models/video-to-video/generate`,
        body: { audio, video, ...inputs },
      };
    case 'eachlabs':
      return {
        url: `${endpoints.eachlabs.baseUrl}/prediction/`,
        body: { model: 'infinitalk-video-to-video', input: { audio, video, ...inputs } },
      };
    case 'wavespeed':
      return {
        url: `${endpoints.wavespeed.baseUrl}/wavespeed-ai/infinitetalk/video-to-video`,
        body: { audio, video, ...inputs },
      };
    case 'multi':
      return {
        url: `${endpoints.wavespeed.baseUrl}/wavespeed-ai/infinitetalk-fast/video-to-video-multi`,
        body: { left_audio: audio, right_audio: await bench.audio(2), video, ...inputs },
      };
    case 'fal':
      return {
        url: `${endpoints.fal.baseUrl}/fal-ai/infinitalk/video-to-video`,
        body: { audio_url: audio, video_url: video, prompt: 'A person speaks', num_frames: 81, ...inputs },
      };
  }
}

function pollUrl({ endpoints }: Emulator, route: RouteKey, id: string): string {
  switch (route) {
    case 'vibedream':
      return `${endpoints.vibedream.baseUrl}/predictions/${id}`;
    case 'eachlabs':
      return `${endpoints.eachlabs.baseUrl}/prediction/${id}`;
    case 'wavespeed':
    case 'multi':
      return `${endpoints.wavespeed.baseUrl}/predictions/${id}/result`;
    case 'fal':
      return `${endpoints.fal.baseUrl}/fal-ai/infinitalk/requests/${id}/status`;
  }
}

async function answerOf(response: Promise<Response>): Promise<Answer> {
  const { status, headers, ...rest } = await response.then(async (one) => ({
    status: one.status,
    headers: one.headers,
    text: await one.text(),
  }));
  try {
    return { status, headers, body: JSON.parse(rest.text) };
  } catch {
    return { status, headers, body: rest.text };
  }
}
