import { describe, expect, it } from 'vitest';
import { type RouteKey, startBench } from './support/bench.js';

/** Route, audio seconds (left, right), inputs, and the price in micro-dollars. */
const PRICES: readonly (readonly [RouteKey, readonly number[], Record<string, unknown>, number])[] = [
  ['vibedream', [3], {}, 170_000],
  ['vibedream', [12.1], {}, 190_000],
  ['eachlabs', [3], {}, 200_000],
  ['eachlabs', [6.2], {}, 280_000],
  ['wavespeed', [3], {}, 150_000],
  ['wavespeed', [3], { resolution: '720p' }, 300_000],
  ['wavespeed', [6.2], {}, 210_000],
  ['multi', [3.2, 2.1], {}, 75_000],
  ['multi', [3.2, 2.1], { order: 'left_right' }, 105_000],
  ['multi', [7.5, 2.1], { order: 'meanwhile' }, 120_000],
  ['fal', [3], { num_frames: 81 }, 972_000],
  ['fal', [3], { num_frames: 82 }, 1_230_000],
  ['fal', [3], { num_frames: undefined }, 2_175_000],
];

describe('what a prediction costs', () => {
  it.each(PRICES)('%s, %j s, %j', async (route, seconds, more, micros) => {
    const bench = await startBench();
    const [first = 0, second = 0] = seconds;
    const voices = {
      [route === 'fal' ? 'audio_url' : route === 'multi' ? 'left_audio' : 'audio']: await bench.audio(first),
    };
    if (route === 'multi') voices.right_audio = await bench.audio(second);
    await bench.create(route, { ...voices, ...more });
    expect(bench.emulator.ledger().predictions[0]).toMatchObject({
      priceMicros: micros,
      billedMicros: 0,
      charged: false,
    });
    bench.clock.advance(3_600_000);
    const ledger = bench.emulator.ledger();
    expect(ledger.predictions[0]).toMatchObject({ billedMicros: micros, charged: true, state: 'succeeded' });
    expect(ledger.billedMicros).toBe(micros);
  });

  it('can be quoted by wavespeed, which falls to the floor without audio', async () => {
    const bench = await startBench({ wavespeedMinimumSeconds: 3 });
    const url = `${bench.emulator.endpoints.wavespeed.baseUrl}/model/price`;
    const model_id = 'wavespeed-ai/infinitetalk/video-to-video';
    const key = { authorization: 'Bearer k' };
    const quote = await bench.post(
      url,
      { model_id, inputs: { audio: await bench.audio(6.2), resolution: '720p' } },
      key,
    );
    expect(quote.body.data).toMatchObject({ model_id, price: 0.42, discounted_price: 0.42 });
    expect((await bench.post(url, { model_id, inputs: {} }, key)).body.data.price).toBe(0.09);
  });

  it('is said by eachlabs in metrics.cost, by fal in billing events and headers, by wavespeed in the balance', async () => {
    const bench = await startBench();
    const eachlabs = bench.idOf('eachlabs', await bench.create('eachlabs'));
    const fal = bench.idOf('fal', await bench.create('fal', { num_frames: 145 }));
    await bench.create('wavespeed');
    bench.clock.advance(3_600_000);
    expect((await bench.poll('eachlabs', eachlabs)).body.metrics.cost).toBe(0.2);
    const key = { authorization: 'Key test-key' };
    const { platformUrl, baseUrl } = bench.emulator.endpoints.fal;
    const events = (await bench.get(`${platformUrl}/models/billing-events?request_id=${fal}`, key)).body.billing_events;
    expect(events).toEqual([
      {
        request_id: fal,
        endpoint_id: 'fal-ai/infinitalk/video-to-video',
        timestamp: '2026-09-01T12:00:00.000Z',
        output_units: 7.25,
        unit_price: 0.3,
        percent_discount: null,
        cost_subtotal: 2.175,
        cost_discount: 0,
        cost_total: 2.175,
        cost_estimate_nano_usd: 2_175_000_000,
      },
    ]);
    const result = await bench.get(`${baseUrl}/fal-ai/infinitalk/requests/${fal}`, key);
    expect(result.headers.get('x-fal-billable-units')).toBe('7.25');
    const price = await bench.get(`${platformUrl}/models/pricing?endpoint_id=fal-ai/infinitalk/video-to-video`, key);
    expect(price.body.prices).toEqual([expect.objectContaining({ unit_price: 0.3, currency: 'USD' })]);
    const balance = await bench.get(`${bench.emulator.endpoints.wavespeed.baseUrl}/balance`, {
      authorization: 'Bearer test-key',
    });
    expect(balance.body.data.balance).toBe(999.85);
  });
});

describe('the ledger', () => {
  it('sums up to its rows, by provider', async () => {
    const bench = await startBench({
      faults: [
        { kind: 'fail-prediction', provider: 'eachlabs', times: 1 },
        { kind: 'refuse-create', provider: 'fal', status: 429, times: 1 },
      ],
      chargeFailed: { eachlabs: true },
    });
    for (const route of ['eachlabs', 'eachlabs', 'fal', 'fal', 'vibedream', 'vibedream', 'vibedream'] as const) {
      await bench.create(route);
    }
    await bench.create('wavespeed', { seed: -9 });
    await bench.create('wavespeed', {}, '');
    bench.clock.advance(3_600_000);
    const ledger = bench.emulator.ledger();
    expect(ledger.totals.eachlabs).toMatchObject({ created: 2, succeeded: 1, failed: 1, billedMicros: 400_000 });
    expect(ledger.totals.fal).toMatchObject({ creates: 2, created: 1, refusedByFault: 1, refusedByLimit: 0 });
    expect(ledger.totals.vibedream).toMatchObject({ creates: 3, created: 2, refusedByLimit: 1 });
    expect(ledger.totals.wavespeed).toMatchObject({ creates: 2, refusedByValidation: 1, unauthorized: 1 });
    const billed = ledger.predictions.reduce((sum, one) => sum + one.billedMicros, 0);
    expect(ledger.billedMicros).toBe(billed);
    expect(ledger.creates).toHaveLength(9);
    expect(ledger.creates.every((one) => one.arrivedAt <= (one.answeredAt ?? 0))).toBe(true);
    const overHttp = await bench.get(`${bench.emulator.url}/_emulator/ledger`);
    expect(overHttp.body).toEqual(JSON.parse(JSON.stringify(ledger)));
    expect(JSON.stringify(ledger)).not.toContain('test-key');
  });
});
