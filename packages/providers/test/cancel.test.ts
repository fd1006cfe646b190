import type { CancelResult } from '@localize/core';
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

describe('cancel', () => {
  it('is absent where no page documents it', () => {
    expect(vibedream.cancel).toBe(undefined);
    expect(wavespeed.cancel).toBe(undefined);
  });

  it.each<[number, string, CancelResult['outcome']]>([
    [200, 'OK', 'canceled'],
    [200, 'ok', 'canceled'],
    [202, 'CANCELLATION_REQUESTED', 'asked'],
    [400, 'ALREADY_COMPLETED', 'too-late'],
    [404, 'NOT_FOUND', 'unknown'],
    [500, 'internal', 'unanswered'],
    [401, '', 'unanswered'],
  ])('at fal reads %d %s as %s', async (status, word, outcome) => {
    server.answer(() => ({ status, body: { status: word } }));
    const context = contextOn(server, { base_url: '' }, 'key');
    expect(await fal.cancel?.(routeNamed('fal/infinitalk'), { id: 'r1' }, context)).toMatchObject({ outcome });
    expect(server.seen).toMatchObject([{ method: 'PUT', url: '/fal-ai/infinitalk/requests/r1/cancel' }]);
    expect(String(server.seen[0]?.body)).toBe('');
  });

  it.each<[Canned, CancelResult['outcome']]>([
    [{ body: { status: 'cancelled', predictionID: 'p1' } }, 'asked'],
    [{ body: { status: 'success' } }, 'asked'],
    [{ status: 404, body: { error: 'not found' } }, 'unknown'],
    [{ status: 500, body: {} }, 'unanswered'],
  ])('at Eachlabs only asks: %j is %s', async (reply, outcome) => {
    server.answer(() => reply);
    const context = contextOn(server, { base_url: '/v1' }, 'x-api-key');
    expect(await eachlabs.cancel?.(routeNamed('eachlabs/infinitalk'), { id: 'p1' }, context)).toMatchObject({
      outcome,
    });
    expect(server.seen).toMatchObject([{ method: 'POST', url: '/v1/prediction/p1/cancel' }]);
  });

  it('is unanswered when nobody answers', async () => {
    const context = contextOn({ ...server, url: await closedAddress() }, { base_url: '' }, 'key');
    expect(await fal.cancel?.(routeNamed('fal/infinitalk'), { id: 'r1' }, context)).toMatchObject({
      outcome: 'unanswered',
    });
  });
});
