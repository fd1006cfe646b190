import type { IdentifyResult, StartRequest } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachlabs, fal, vibedream, wavespeed } from '../src/index.js';
import { contextOn } from '../testing/capability-scene.js';
import { routeNamed } from '../testing/route-named.js';
import { type Canned, closedAddress, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.close());

const VIDEO = 'https://media.example/v.mp4';
const AUDIO = 'https://media.example/a.mp3';
const SENT = { video: VIDEO, audio: AUDIO };

function requestOf(route: string): StartRequest {
  return {
    route: routeNamed(route),
    media: { video: VIDEO, voices: { kind: 'one', audio: AUDIO }, mask: null },
    input: { prompt: null, seed: null, resolution: null, frames: null, options: {} },
  };
}

type Case = [Canned, Partial<IdentifyResult>];
const known = (inputs: 'same' | 'different' | 'unknown') => ({ state: 'known', inputs }) as const;

describe('identify', () => {
  it('is absent at fal, whose polls say nothing of what a request was made of', () => {
    expect(fal.identify).toBe(undefined);
  });

  it.each<Case>([
    [{ body: { id: 'p1', status: 'processing', input: { ...SENT, resolution: '720p' } } }, known('same')],
    [
      { body: { id: 'p1', status: 'success', input: { ...SENT, audio: 'https://media.example/b.mp3' } } },
      known('different'),
    ],
    [{ body: { status: 'success', predictionID: 'p1' } }, known('unknown')],
    [{ status: 404, body: { error: 'not found' } }, { state: 'vanished' }],
    [{ status: 500, body: {} }, { state: 'unanswered' }],
    [{ status: 401, body: {} }, { state: 'unanswered' }],
  ])('at Eachlabs compares the inputs that a poll echoes: %j is %j', async (reply, result) => {
    server.answer(() => reply);
    const context = contextOn(server, { base_url: '/v1' }, 'x-api-key');
    expect(await eachlabs.identify?.(requestOf('eachlabs/infinitalk'), { id: 'p1' }, context)).toMatchObject(result);
    expect(server.seen).toMatchObject([{ method: 'GET', url: '/v1/prediction/p1' }]);
  });

  const model = 'wavespeed-ai/infinitetalk/video-to-video';
  it.each<Case>([
    [{ body: { code: 200, data: { id: 'p1', model, status: 'created' } } }, known('unknown')],
    [{ body: { code: 200, data: { id: 'p1', model, status: 'created', input: SENT } } }, known('same')],
    [
      { body: { code: 200, data: { id: 'p1', model, status: 'created', inputs: { ...SENT, video: 'moved' } } } },
      known('unknown'),
    ],
    [
      { body: { code: 200, data: { id: 'p1', model, status: 'created', inputs: { ...SENT, video: `${VIDEO}2` } } } },
      known('different'),
    ],
    [
      {
        body: {
          code: 200,
          data: { id: 'p1', model: 'wavespeed-ai/infinitetalk-fast/video-to-video-multi', status: 'completed' },
        },
      },
      known('different'),
    ],
    [{ body: { code: 404, message: 'not found' } }, { state: 'vanished' }],
    [{ body: { code: 200, data: {} } }, { state: 'unanswered' }],
  ])('at WaveSpeed knows another route’s prediction by its model: %j is %j', async (reply, result) => {
    server.answer(() => reply);
    const context = contextOn(server, { base_url: '/api/v3' }, 'bearer');
    expect(await wavespeed.identify?.(requestOf('wavespeed/infinitetalk'), { id: 'p1' }, context)).toMatchObject(
      result,
    );
    expect(server.seen).toMatchObject([{ method: 'GET', url: '/api/v3/predictions/p1/result' }]);
  });

  it.each<Case>([
    [{ body: { id: 'p1', modelId: 'video-to-video', status: 'processing' } }, known('unknown')],
    [{ body: { id: 'p1', modelId: 'text-to-image', status: 'completed' } }, known('different')],
    [{ status: 404, body: {} }, { state: 'vanished' }],
  ])('at VibeDream knows the model alone: %j is %j', async (reply, result) => {
    server.answer(() => reply);
    const context = contextOn(server, { base_url: '/api/v1' }, 'bearer');
    const request = requestOf('vibedream/infinitetalk-fast');
    expect(await vibedream.identify?.(request, { id: 'p1' }, context)).toMatchObject(result);
  });

  it('is unanswered when nobody answers', async () => {
    const context = contextOn({ ...server, url: await closedAddress() }, { base_url: '' }, 'x-api-key');
    const request = requestOf('eachlabs/infinitalk');
    expect(await eachlabs.identify?.(request, { id: 'p1' }, context)).toMatchObject({ state: 'unanswered' });
  });
});
