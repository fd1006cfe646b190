import type { StatusResult } from '@localize/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
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

/** @returns how often it was looked at */
async function runWithout(output: 'late' | 'never'): Promise<number> {
  const { provider } = batch.scripted;
  let looks = 0;
  const late: typeof provider = {
    ...provider,
    status: async (...look) => {
      looks += 1;
      return looks <= 2 || output === 'never' ? EMPTY : provider.status(...look);
    },
  };
  await batch.run({ providers: new Map([[provider.id, late]]), clock: new SkippingClock(Date.now()) });
  return looks;
}

it('is waited for where a prediction is called completed before its output is there', async () => {
  expect(await runWithout('late')).toBe(3);
  expect(batch.job()).toMatchObject({ state: 'succeeded' });
  expect(batch.scripted.starts).toHaveLength(1);
});

it('is not waited for without end: the prediction has failed, with what it cost', async () => {
  expect(await runWithout('never')).toBe(4);
  expect(batch.job()).toMatchObject({ state: 'failed', attempts: [{ billedMicros: 150_000 }] });
  expect(batch.scripted.starts).toHaveLength(1);
});
