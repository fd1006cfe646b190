import type { MediaUrls } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachlabs, fal, vibedream, wavespeed } from '../src/index.js';
import { contextOn } from '../testing/capability-scene.js';
import { routeNamed } from '../testing/route-named.js';
import { type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.close());

const input = { prompt: null, seed: null, resolution: '720p', frames: null, options: {} };
const media: MediaUrls = {
  video: 'https://m.test/v.mp4',
  voices: { kind: 'one', audio: 'https://m.test/a.mp3' },
  mask: null,
};

const askWavespeed = (of: MediaUrls | null) =>
  wavespeed.quote?.(
    { route: routeNamed('wavespeed/infinitetalk'), input, media: of },
    contextOn(server, { base_url: '/api/v3' }, 'bearer'),
  );
const askFal = () =>
  fal.quote?.(
    { route: routeNamed('fal/infinitalk'), input, media: null },
    contextOn(server, { platform_url: '/v1' }, 'key'),
  );

describe('WaveSpeed’s price list', () => {
  it('is asked with the inputs of the create, and says what that job costs', async () => {
    server.answer(() => ({ body: { code: 200, data: { model_id: 'm', price: 0.48, discounted_price: 0.42 } } }));
    expect(await askWavespeed(media)).toEqual({ state: 'quoted', micros: 420_000, of: 'job' });
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'POST', url: '/api/v3/model/price' });
    expect(JSON.parse(String(request?.body))).toEqual({
      model_id: 'wavespeed-ai/infinitetalk/video-to-video',
      inputs: { audio: 'https://m.test/a.mp3', video: 'https://m.test/v.mp4', resolution: '720p' },
    });
  });

  it('says why it refused inside a success', async () => {
    server.answer(() => ({ body: { code: 400, message: 'unknown model_id', data: null } }));
    const quoted = await askWavespeed(media);
    expect(quoted).toMatchObject({
      state: 'unanswered',
      failure: { kind: 'invalid-input', httpStatus: 400, message: expect.stringContaining('unknown model_id') },
    });
  });

  it('says the least that a job costs when it is asked without media', async () => {
    server.answer(() => ({ body: { code: 200, data: { price: 0.3 } } }));
    expect(await askWavespeed(null)).toEqual({ state: 'quoted', micros: 300_000, of: 'minimum' });
    expect(JSON.parse(String(server.seen[0]?.body)).inputs).toEqual({ resolution: '720p' });
  });
});

describe('fal’s price list', () => {
  it('says what a second costs', async () => {
    server.answer(() => ({
      body: {
        prices: [{ endpoint_id: 'fal-ai/infinitalk/video-to-video', unit_price: 0.3, unit: 'second', currency: 'USD' }],
      },
    }));
    expect(await askFal()).toEqual({ state: 'quoted', micros: 300_000, of: 'second' });
    expect(server.seen[0]?.url).toBe('/v1/models/pricing?endpoint_id=fal-ai%2Finfinitalk%2Fvideo-to-video');
  });

  it.each([-1, 'abc', 1e30])('is not compared when its price is no amount: %s', async (price) => {
    const prices = [{ endpoint_id: 'fal-ai/infinitalk/video-to-video', unit_price: price, unit: 'second' }];
    server.answer(() => ({ body: { prices } }));
    const message = `the price list states ${JSON.stringify(price)} for the endpoint, which is no amount of money`;
    expect(await askFal()).toMatchObject({ state: 'unanswered', failure: { message } });
  });

  it('is not compared when it is less than a millionth of a dollar, which would show as nothing', async () => {
    const prices = [{ endpoint_id: 'fal-ai/infinitalk/video-to-video', unit_price: 0.0000004, unit: 'second' }];
    server.answer(() => ({ body: { prices } }));
    const message = 'the price list states $4e-7, and less than $0.000001 cannot be compared';
    expect(await askFal()).toMatchObject({ state: 'unanswered', failure: { message } });
  });

  it('is said to be a page where a proxy answers', async () => {
    server.answer(() => ({ body: '<!doctype html><title>Sign in</title>' }));
    const unanswered = { state: 'unanswered', failure: { message: 'HTTP 200 with an HTML page' } };
    expect([await askFal(), await askWavespeed(null)]).toMatchObject([unanswered, unanswered]);
  });

  it('is not compared when it counts in another unit', async () => {
    const prices = [{ endpoint_id: 'fal-ai/infinitalk/video-to-video', unit_price: 0.3, unit: 'megapixel' }];
    server.answer(() => ({ body: { prices } }));
    expect(await askFal()).toMatchObject({
      state: 'unanswered',
      failure: { message: expect.stringContaining('a price a megapixel') },
    });
  });
});

describe('a price list that counts in another currency', () => {
  it('is not compared', async () => {
    server.answer(() => ({ body: { code: 200, data: { price: 0.3, currency: 'CNY' } } }));
    expect(await askWavespeed(media)).toMatchObject({
      state: 'unanswered',
      failure: { message: 'the price list counts in CNY, which cannot be compared with US dollars' },
    });
    const prices = [
      { endpoint_id: 'fal-ai/infinitalk/video-to-video', unit_price: 0.3, unit: 'second', currency: 'EUR' },
    ];
    server.answer(() => ({ body: { prices } }));
    expect(await askFal()).toMatchObject({ state: 'unanswered', failure: { message: expect.stringContaining('EUR') } });
  });

  it('is compared when it says US dollars in small letters', async () => {
    server.answer(() => ({ body: { code: 200, data: { price: 0.3, currency: 'usd' } } }));
    expect(await askWavespeed(media)).toEqual({ state: 'quoted', micros: 300_000, of: 'job' });
  });
});

describe('a price list that says nothing', () => {
  it.each([
    ['a refusal', { status: 403, body: {} }],
    ['another answer', { body: { data: {} } }],
    ['no JSON', { body: 'soon' }],
  ])('is unanswered: %s', async (_title, reply) => {
    server.answer(() => reply);
    expect((await askWavespeed(null))?.state).toBe('unanswered');
    expect((await askFal())?.state).toBe('unanswered');
  });

  it('is not asked for where there is none', () => {
    expect([vibedream.quote, eachlabs.quote]).toEqual([undefined, undefined]);
  });
});
