import type { StatusResult } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const EMPTY: StatusResult = {
  state: 'failed',
  failure: { kind: 'provider', message: 'completed without an output', code: 'no_output' },
  canceled: false,
  costMicros: 150_000,
  calledCompleted: true,
};

const UNAVAILABLE: StatusResult = {
  state: 'failed',
  failure: { kind: 'provider', message: 'Service Unavailable', httpStatus: 503 },
  canceled: false,
  costMicros: null,
  uncharged: true,
  unconfirmed: true,
};

const RUNNING: StatusResult = { state: 'pending', phase: 'running' };
const NO_ANSWER: StatusResult = { state: 'unanswered', failure: { kind: 'network', message: 'connection reset' } };

/** @param told by the how many-th look it is, and for how long it is told; `null` lets the provider speak. */
async function runWhile(told: (look: number, sinceMs: number) => StatusResult | null) {
  const { provider } = batch.scripted;
  const clock = new SkippingClock(Date.now());
  const looks: number[] = [];
  const doubted: typeof provider = {
    ...provider,
    status: async (...look) => {
      const nowMs = clock.nowMs();
      const result = told(looks.length + 1, nowMs - (looks[0] ?? nowMs));
      if (result === null) return provider.status(...look);
      looks.push(nowMs);
      return result;
    },
  };
  await batch.run({ providers: new Map([[provider.id, doubted]]), clock }, unhurried());
  return {
    looks: looks.length,
    seconds: (looks.at(-1)! - looks[0]!) / 1000,
    waits: looks.slice(1).map((at, index) => (at - looks[index]!) / 1000),
  };
}

/** Whose jobs are not given up meanwhile. */
function unhurried() {
  const plan = batch.plan(['de']);
  const { acme } = plan.providers;
  return { ...plan, providers: { acme: { ...acme!, timeoutMs: 3_600_000, poll: { firstMs: null, everyMs: 5_000 } } } };
}

const isFirst = () => batch.scripted.starts.length === 1;

describe('an output', () => {
  it('is waited for where a prediction is called completed before its output is there', async () => {
    expect(await runWhile((look) => (look <= 2 ? EMPTY : null))).toMatchObject({ looks: 2 });
    expect(batch.job()).toMatchObject({ state: 'succeeded' });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is not waited for without end: the prediction has failed, with what it cost', async () => {
    expect(await runWhile(() => EMPTY)).toMatchObject({ looks: 4 });
    expect(batch.job()).toMatchObject({ state: 'failed', attempts: [{ billedMicros: 150_000 }] });
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a failure that a server on the way may have told', () => {
  it('is taken back by a later look: nothing is bought again', async () => {
    await runWhile((_, sinceMs) => (sinceMs < 280_000 ? UNAVAILABLE : null));
    expect(batch.job()).toMatchObject({ state: 'succeeded', attempts: [{ state: 'completed' }] });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is told once, while it is doubted', async () => {
    await runWhile((look) => (look <= 3 ? UNAVAILABLE : null));
    const told = batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
    expect(told).toEqual(['acme says “Service Unavailable” in place of a result; looked at again before that counts']);
  });

  it('counts once it was told for five minutes, and is made again where it is free', async () => {
    const { seconds } = await runWhile(() => (isFirst() ? UNAVAILABLE : null));
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      attempts: [{ state: 'failed', billedMicros: 0 }, { state: 'completed' }],
    });
  });

  it('is looked at again after twice as long each time, and at least every half minute', async () => {
    const { waits } = await runWhile(() => (isFirst() ? UNAVAILABLE : null));
    const [interval = 0] = waits;
    expect(waits.slice(0, -1).map(Math.round)).toEqual(
      waits.slice(0, -1).map((_, index) => Math.round(Math.min(interval * 2 ** index, 30))),
    );
  });

  it('begins anew once the prediction was seen to go on', async () => {
    await runWhile((look, sinceMs) => {
      if (look <= 3) return UNAVAILABLE;
      if (sinceMs < 310_000) return RUNNING;
      return sinceMs < 400_000 ? UNAVAILABLE : null;
    });
    expect(batch.job()).toMatchObject({ state: 'succeeded', attempts: [{ state: 'completed' }] });
  });

  it('counts on over looks that got no answer', async () => {
    const { looks } = await runWhile((look) => (isFirst() ? (look % 2 === 0 ? NO_ANSWER : UNAVAILABLE) : null));
    expect(looks).toBeLessThan(30);
    expect(batch.job()).toMatchObject({ attempts: [{ state: 'failed' }, { state: 'completed' }] });
  });
});
