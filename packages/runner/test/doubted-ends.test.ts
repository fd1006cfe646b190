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

/** @returns how often that was told, and for how many seconds */
async function runWhile(isTold: (look: number, sinceMs: number) => boolean, told: StatusResult) {
  const { provider } = batch.scripted;
  const clock = new SkippingClock(Date.now());
  const looks: number[] = [];
  const doubted: typeof provider = {
    ...provider,
    status: async (...look) => {
      const nowMs = clock.nowMs();
      if (!isTold(looks.length + 1, nowMs - (looks[0] ?? nowMs))) return provider.status(...look);
      looks.push(nowMs);
      return told;
    },
  };
  await batch.run({ providers: new Map([[provider.id, doubted]]), clock });
  return { looks: looks.length, seconds: (looks.at(-1)! - looks[0]!) / 1000 };
}

describe('an output', () => {
  it('is waited for where a prediction is called completed before its output is there', async () => {
    expect(await runWhile((look) => look <= 2, EMPTY)).toMatchObject({ looks: 2 });
    expect(batch.job()).toMatchObject({ state: 'succeeded' });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is not waited for without end: the prediction has failed, with what it cost', async () => {
    expect(await runWhile(() => true, EMPTY)).toMatchObject({ looks: 4 });
    expect(batch.job()).toMatchObject({ state: 'failed', attempts: [{ billedMicros: 150_000 }] });
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a failure that a server on the way may have told', () => {
  it('is taken back by a later look: nothing is bought again', async () => {
    await runWhile((_, sinceMs) => sinceMs < 100_000, UNAVAILABLE);
    expect(batch.job()).toMatchObject({ state: 'succeeded', attempts: [{ state: 'completed' }] });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('counts once it was told for two minutes, and is made again where it is free', async () => {
    const { seconds } = await runWhile(() => batch.scripted.starts.length === 1, UNAVAILABLE);
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      attempts: [{ state: 'failed', billedMicros: 0 }, { state: 'completed' }],
    });
  });
});
