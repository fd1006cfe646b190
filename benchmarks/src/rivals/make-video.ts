import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, request } from 'undici';
import type { RivalOrder } from './order.js';

/** One job as a script makes it: create, poll till done, download to the disk. Nothing is kept, nothing is checked. */
export function createVideoMaker(order: RivalOrder): { make(index: number): Promise<void>; close(): Promise<void> } {
  const { baseUrl, key, video, audio, pollFirstMs, pollEveryMs, folder } = order;
  const dispatcher = new Pool(new URL(baseUrl).origin, { connections: order.concurrent });
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };

  async function create(index: number): Promise<string> {
    const input = { audio, video, prompt: 'A person speaks', seed: index + 1 };
    const body = JSON.stringify({ model: 'infinitalk-video-to-video', input });
    const reply = await request(`${baseUrl}/prediction/`, { method: 'POST', headers, body, dispatcher });
    if (reply.statusCode !== 200) throw new Error(`create ${index}: ${reply.statusCode}`);
    return ((await reply.body.json()) as { predictionID: string }).predictionID;
  }

  async function outputOf(id: string): Promise<string> {
    for (let wait = pollFirstMs; ; wait = pollEveryMs) {
      await sleep(wait);
      const reply = await request(`${baseUrl}/prediction/${id}`, { headers, dispatcher });
      const { status, output } = (await reply.body.json()) as { status: string; output: string };
      if (status === 'success') return output;
      if (status === 'error') throw new Error(`prediction ${id} failed`);
    }
  }

  return {
    async make(index) {
      const url = await outputOf(await create(index));
      const reply = await request(url, { dispatcher });
      await pipeline(reply.body, createWriteStream(join(folder, `${index}.mp4`)));
    },
    close: () => dispatcher.close(),
  };
}
