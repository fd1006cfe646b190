import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { secret } from '@localize/core';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogue, providers } from '../src/index.js';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function start(withhold: AbortSignal, replyAfterMs = 0) {
  const seen: string[] = [];
  server = createServer((request, response) => {
    seen.push(request.method ?? '');
    request.resume();
    setTimeout(() => response.end(JSON.stringify({ status: 'success', predictionID: 'p-1' })), replyAfterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const route = catalogue.routes.find((each) => each.provider === 'eachlabs');
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = { hosts: { base_url }, auth: 'x-api-key', key: secret('k') };
  const voices = { kind: 'one', audio: 'https://media.example/a.mp3' } as const;
  const media = { video: 'https://media.example/v.mp4', voices, mask: null };
  const input = { prompt: null, seed: null, resolution: null, frames: null, options: {} };
  const result = providers.get('eachlabs')?.start({ route: route!, media, input }, { connection, withhold });
  return { result, seen };
}

describe('a create that is called off', () => {
  it('never leaves when that happens before its connection is there', async () => {
    const stop = new AbortController();
    const { result, seen } = await start(stop.signal);
    stop.abort();
    await expect(result).resolves.toMatchObject({ outcome: 'unsent' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toEqual([]);
  });

  it('is awaited when it had left already', async () => {
    const stop = new AbortController();
    const { result, seen } = await start(stop.signal, 200);
    if (seen.length === 0) await once(server, 'request');
    stop.abort();
    await expect(result).resolves.toMatchObject({ outcome: 'accepted', predictionId: 'p-1' });
  });
});
