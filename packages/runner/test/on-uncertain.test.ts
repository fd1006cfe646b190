import { costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

describe('`on_uncertain`', () => {
  const lostEachTime = () => batch.scripted.nextStarts.push('uncertain', 'uncertain', 'uncertain', 'uncertain');
  const quick = { outageBackoff: { firstMs: 10, maximumMs: 10 } };
  const withoutListing = () => {
    const { find: _, ...provider } = batch.scripted.provider;
    return { ...quick, providers: new Map([['acme', provider]]) };
  };

  it('absent: does not buy again while the list shows what may be it', async () => {
    const candidate = {
      predictionId: 'prediction-1',
      reference: {},
      createdAtMs: Date.now(),
      isTimely: true,
      status: 'done',
    };
    batch.scripted.found.result = { state: 'listed', candidates: [{ ...candidate, inputs: 'unknown' }] };
    lostEachTime();
    await batch.run(quick, batch.plan(['de'], { onUncertain: 'absent' }));
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
  });

  it('absent: does not buy again, nor adopt, what the list shows with our inputs at another time: clocks differ', async () => {
    const candidate = { predictionId: 'prediction-1', reference: {}, createdAtMs: 0, isTimely: false, status: 'done' };
    const { provider } = batch.scripted;
    const asked: boolean[] = [];
    const find: typeof provider.find = async ({ around }) => {
      asked.push(around !== undefined);
      return { state: 'listed', candidates: around ? [{ ...candidate, inputs: 'same' }] : [] };
    };
    lostEachTime();
    const providers = new Map([['acme', { ...provider, find }]]);
    await batch.run({ ...quick, providers }, batch.plan(['de'], { onUncertain: 'absent' }));
    expect(asked).toContain(true);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({
      state: 'held',
      holdReason: 'uncertain',
      mend: expect.stringContaining('--prediction prediction-1'),
    });
  });

  it('absent: does not buy again where no list can be read', async () => {
    lostEachTime();
    const plan = batch.plan(['de'], { onUncertain: 'absent' });
    await batch.run(withoutListing(), plan);
    await batch.run(withoutListing(), plan);
    expect(batch.scripted.starts).toHaveLength(1);
    const failure = { kind: 'provider', message: 'the list is down' } as const;
    batch.scripted.found.result = { state: 'unanswered', failure };
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    await batch.run({ ...quick, stop: stop.signal }, plan);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('resubmit: buys again without a list, at most twice a job, and all that was sent stays at risk', async () => {
    lostEachTime();
    await batch.run(withoutListing(), batch.plan(['de'], { onUncertain: 'resubmit' }));
    expect(batch.scripted.starts).toHaveLength(3);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
    expect(costTotals([batch.job()]).atRiskMicros).toBe(450_000);
  });

  it('resubmit: takes up a create that an earlier run lost, also where there is no list', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({});
    expect((await batch.run(withoutListing(), batch.plan(['de'], { onUncertain: 'resubmit' }))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 150_000 });
  });

  it.each(['absent', 'resubmit'] as const)('%s: says nothing of the creates of another batch', async (onUncertain) => {
    const clock = new SkippingClock();
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ ...quick, clock }, batch.plan(['de'], { batch: 'winter' }));
    await batch.run({ ...quick, clock }, batch.plan(['de'], { batch: 'summer', onUncertain }));
    expect(batch.snapshot('winter').jobs[0]).toMatchObject({
      state: 'held',
      holdReason: 'uncertain',
      attempts: [{ state: 'uncertain' }],
    });
  });

  it('hold: buys nothing again, with or without a list', async () => {
    lostEachTime();
    await batch.run(quick);
    await batch.run(withoutListing());
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a create that was given up, while its provider’s list may still lag', () => {
  /** Its reply has been lost only just now. @returns how long a run takes that looks for it, by its clock */
  async function runAfter(word: 'abandon' | null): Promise<{ ms: number; looks: number }> {
    const clock = new SkippingClock();
    const { catalogue, provider } = batch.scripted;
    const providers = catalogue.providers.map((facts) => ({ ...facts, listingLagMs: 50_000 }));
    let looks = 0;
    const find: typeof provider.find = (...asked) => {
      looks += 1;
      return provider.find!(...asked);
    };
    const run = {
      clock,
      catalogue: { ...catalogue, providers },
      providers: new Map([['acme', { ...provider, find }]]),
    };
    batch.scripted.nextStarts.push('uncertain');
    await batch.run(run);
    batch.store.sqlite.prepare('UPDATE attempts SET searches = 0, replied_at = ?').run(clock.nowMs());
    if (word !== null) {
      await settle({ store: batch.store, clock, batch: 'spring', host: 'test' }, 'keynote/de', { kind: word });
    }
    const begunMs = clock.nowMs();
    looks = 0;
    await batch.run(run);
    return { ms: clock.nowMs() - begunMs, looks };
  }

  it('is looked for, and no run stays for it that has nothing else to do', async () => {
    const { ms, looks } = await runAfter('abandon');
    expect(looks).toBe(1);
    expect(ms).toBeLessThan(1_000);
  });

  it('is waited for while it is uncertain', async () => {
    expect((await runAfter(null)).ms).toBeGreaterThan(50_000);
  });
});
