import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, request } from 'undici';
import type { RivalOrder } from './order.js';

/** The calls of one job. */
export interface Calls {
  /** @returns the prediction's id */
  create(index: number): Promise<string>;
  /** Polls until it is done. @returns where the video is */
  outputOf(id: string): Promise<string>;
  fetchVideo(url: string): ReturnType<typeof request>;
  close(): Promise<void>;
}

export function createCalls(order: RivalOrder): Calls {
  const { baseUrl, key, video, audio, pollFirstMs, pollEveryMs } = order;
  const dispatcher = new Pool(new URL(baseUrl).origin, { connections: order.concurrent });
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  return {
    async create(index) {
      const input = { audio, video, prompt: 'A person speaks', seed: index + 1 };
      const body = JSON.stringify({ model: 'infinitalk-video-to-video', input });
      const reply = await request(`${baseUrl}/prediction/`, { method: 'POST', headers, body, dispatcher });
      if (reply.statusCode !== 200) throw new Error(`create ${index}: ${reply.statusCode}`);
      return ((await reply.body.json()) as { predictionID: string }).predictionID;
    },
    async outputOf(id) {
      for (let wait = pollFirstMs; ; wait = pollEveryMs) {
        await sleep(wait);
        const reply = await request(`${baseUrl}/prediction/${id}`, { headers, dispatcher });
        const { status, output } = (await reply.body.json()) as { status: string; output: string };
        if (status === 'success') return output;
        if (status === 'error') throw new Error(`prediction ${id} failed`);
      }
    },
    fetchVideo: (url) => request(url, { dispatcher }),
    close: () => dispatcher.close(),
  };
}

/** One job as a script makes it: create, poll till done, download to the disk. Nothing is kept, nothing is checked. */
export function createVideoMaker(order: RivalOrder): { make(index: number): Promise<void>; close(): Promise<void> } {
  const { create, outputOf, fetchVideo, close } = createCalls(order);
  return {
    async make(index) {
      const reply = await fetchVideo(await outputOf(await create(index)));
      await pipeline(reply.body, createWriteStream(join(order.folder, `${index}.mp4`)));
    },
    close,
  };
}
