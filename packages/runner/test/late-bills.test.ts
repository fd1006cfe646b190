import { readFileSync } from 'node:fs';
import { costTotals, type Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, settle } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

/** A provider may book what a result has cost only minutes after it. */

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const money = () => costTotals(batch.snapshot().jobs);
const source = () => batch.snapshot().jobs[0]?.attempts[0]?.costSource;

function booking(cost: NonNullable<Provider['cost']>) {
  return { providers: new Map([['acme', { ...batch.scripted.provider, cost }]]) };
}

describe('a bill that comes after its result', () => {
  it('is booked in the place of the price list’s by the next run, which buys nothing and asks no more from then on', async () => {
    await batch.run(booking(async () => null));
    expect([money().billedMicros, source()]).toEqual([150_000, 'price']);
    let asked = 0;
    const late = booking(async () => {
      asked += 1;
      return 187_500;
    });
    expect((await batch.run(late)).exit).toBe(0);
    expect([money().billedMicros, source()]).toEqual([187_500, 'provider']);
    const more = /billed \$0\.1875 for keynote\/de, which was estimated at \$0\.15$/;
    expect(batch.events).toContainEqual(expect.objectContaining({ message: expect.stringMatching(more) }));
    const sidecar = JSON.parse(readFileSync(`${batch.snapshot().jobs[0]?.output}.json`, 'utf8'));
    expect(sidecar).toMatchObject({ cost_usd: '0.1875', cost_source: 'provider', estimate_usd: '0.15' });
    await batch.run(late);
    expect([asked, batch.scripted.starts.length]).toEqual([1, 1]);
  });

  it('is booked by the same run where it comes before that ends', async () => {
    let asked = 0;
    await batch.run(
      booking(async () => {
        asked += 1;
        return asked === 1 ? null : 120_000;
      }),
    );
    expect([money().billedMicros, source()]).toEqual([120_000, 'provider']);
  });

  it('that the books never tell, or cannot be asked for, leaves what the price list says', async () => {
    await batch.run(
      booking(async () => {
        throw new Error('403');
      }),
    );
    expect([money().billedMicros, source()]).toEqual([150_000, 'price']);
  });

  it('is booked for a failure too, which counted as free by the pages of its provider', async () => {
    const [route] = batch.scripted.catalogue.routes;
    const free = { ...route!, failedPrediction: { ...route!.failedPrediction, charged: 'no' as const } };
    const failure = { kind: 'provider', message: 'the GPU fell over', retryable: false } as const;
    const failing = (cost: NonNullable<Provider['cost']>) => ({
      catalogue: { ...batch.scripted.catalogue, routes: [free] },
      providers: new Map([
        [
          'acme',
          {
            ...batch.scripted.provider,
            status: async () => ({ state: 'failed', failure, canceled: false, costMicros: null }) as const,
            cost,
          },
        ],
      ]),
    });
    await batch.run(failing(async () => null));
    expect([money().billedMicros, source()]).toEqual([0, 'price']);
    await batch.run(failing(async () => 150_000));
    expect([money().billedMicros, source()]).toEqual([150_000, 'provider']);
    expect(batch.job()).toMatchObject({ state: 'failed', attempts: [{ state: 'failed' }] });
  });
});

describe('a bill by the price list', () => {
  it('is known also where the manifest sends the job to another route by the time its video comes', async () => {
    const [route] = batch.scripted.catalogue.routes;
    const catalogue = { ...batch.scripted.catalogue, routes: [route!, { ...route!, id: 'acme/second' }] };
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    await batch.run({ catalogue, ...stopOnceAccepted() });
    batch.scripted.statuses.delete('prediction-1');
    const plan = batch.plan(['de']);
    const [job] = plan.jobs;
    const elsewhere = { ...job!, choices: job!.choices.map((choice) => ({ ...choice, route: 'acme/second' })) };
    await batch.run({ catalogue }, { ...plan, jobs: [elsewhere] });
    expect([money().billedMicros, source(), batch.scripted.starts.length]).toEqual([150_000, 'price', 1]);
  });
});

describe('bills of several results', () => {
  const LANGUAGES = ['de', 'fr', 'es', 'it', 'pt', 'nl', 'sv', 'da', 'fi', 'pl'];

  it('are asked for from the newest to the oldest: those of the newest may be still to come', async () => {
    const plan = batch.plan(LANGUAGES);
    await batch.run(
      booking(async () => null),
      plan,
    );
    const old = ['prediction-1', 'prediction-2'];
    await batch.run(
      booking(async (_, { id }) => (old.includes(String(id)) ? 187_500 : null)),
      plan,
    );
    expect(money().billedMicros).toBe(2 * 187_500 + 8 * 150_000);
  });

  it('are asked for of failures too where no result is told', async () => {
    const failure = { kind: 'provider', message: 'the GPU fell over', retryable: false } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'failed', failure, canceled: false, costMicros: null });
    const plan = batch.plan(['de', 'fr']);
    await batch.run(
      booking(async () => null),
      plan,
    );
    await batch.run(
      booking(async (_, { id }) => (id === 'prediction-1' ? 90_000 : null)),
      plan,
    );
    expect(money().billedMicros).toBe(90_000 + 150_000);
  });

  it('close a route under a cap while the run goes on', async () => {
    const clock = new SkippingClock();
    const { provider } = batch.scripted;
    const asked = new Set<string>();
    const endsAtMs = new Map<string, number>();
    const slow: Provider = {
      ...provider,
      status: async (route, reference, ...rest) => {
        const id = String(reference.id);
        const endMs = endsAtMs.get(id) ?? clock.nowMs() + 40_000;
        endsAtMs.set(id, endMs);
        return clock.nowMs() < endMs
          ? { state: 'pending', phase: 'running' }
          : provider.status(route, reference, ...rest);
      },
      cost: async (_, { id }) => {
        if (asked.has(String(id))) return 300_000;
        asked.add(String(id));
        return null;
      },
    };
    const caps = [{ name: 'max_usd', period: 'batch' as const, scope: { kind: 'all' } as const, micros: 1_500_000 }];
    const plan = batch.plan(LANGUAGES, { budget: { caps, marginPercent: 0, confirmAboveMicros: 10_000_000 } });
    const { acme } = plan.providers;
    const oneSlot = {
      ...acme!,
      limits: { ...acme!.limits, concurrent: 1 },
      timeoutMs: 600_000,
      poll: { firstMs: null, everyMs: 5_000 },
    };
    await batch.run({ clock, providers: new Map([['acme', slow]]) }, { ...plan, providers: { acme: oneSlot } });
    expect(batch.scripted.starts.length).toBeLessThan(5);
  });
});

describe('a bill that nobody tells', () => {
  it('of a video without a price is asked for, and settled by what somebody says', async () => {
    const plan = batch.plan(['de']);
    const [job] = plan.jobs;
    const choices = job!.choices.map((choice) => ({
      ...choice,
      estimate: { micros: null, certainty: 'unknown' as const, billedSeconds: null },
    }));
    await batch.run({}, { ...plan, jobs: [{ ...job!, choices }] });
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      reason: 'its video is there, and nobody says what it cost (an unknown amount at risk)',
      mend: 'localize settle manifest.yaml keynote/de --charged <what it cost in USD>',
    });
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await settle(action, 'keynote/de', { kind: 'charged', micros: 200_000 });
    expect(batch.job()).toMatchObject({ state: 'succeeded', reason: null, mend: null });
    expect(money().billedMicros).toBe(200_000);
  });
});
