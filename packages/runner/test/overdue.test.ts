import { costTotals, type StatusResult } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RetryOptions, retry, settle } from '../src/index.js';
import { type BatchFixture, batchFixture, referenceFor } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
let clock: SkippingClock;
beforeEach(async () => {
  batch = await batchFixture(['de']);
  clock = new SkippingClock(Date.now());
});
afterEach(() => batch.close());

const PENDING: StatusResult = { state: 'pending', phase: 'running' };
const say = (result: StatusResult | null) =>
  result === null ? batch.scripted.statuses.clear() : batch.scripted.statuses.set('prediction-1', result);

/** Held, since the provider had not finished it within the route's timeout. */
async function overdue(): Promise<void> {
  say(PENDING);
  expect((await batch.run({ clock })).exit).toBe(1);
  expect(batch.job()).toMatchObject({
    state: 'held',
    holdReason: 'timed-out',
    mend: 'localize manifest.yaml | localize retry manifest.yaml --only keynote/de',
  });
}

function retryWith(look?: RetryOptions['look']) {
  const action = { store: batch.store, batch: 'spring', clock, host: 'test' };
  return retry(action, { only: () => true, uncertain: false, ...(look && { look }) });
}

describe('a prediction that is not finished within its timeout', () => {
  it('is looked at again by each run, for free, and fetched when it has come after all', async () => {
    await overdue();
    expect((await batch.run({ clock })).exit).toBe(1);
    expect(batch.job().state).toBe('held');
    say(null);
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is resumed by `retry` when it has come in the meantime, and nothing is bought', async () => {
    await overdue();
    const asked: (string | null)[] = [];
    const done: StatusResult = { state: 'completed', output: { url: 'https://x' }, costMicros: null, seed: null };
    const look: RetryOptions['look'] = async ({ predictionId }) => {
      asked.push(predictionId);
      return done;
    };
    expect(await retryWith(look)).toMatchObject({ again: [], resumed: ['keynote/de'], unsettled: [] });
    expect(asked).toEqual(['prediction-1']);
    say(null);
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is bought again by `retry` when it is still not finished, and the first one is given up, its money at risk', async () => {
    await overdue();
    const retried = await retryWith(async () => PENDING);
    expect(retried).toMatchObject({ again: ['keynote/de'], resumed: [], unsettled: [] });
    expect([...retried.released].map(([key, { predictionId }]) => [key, predictionId])).toEqual([
      ['keynote/de', 'prediction-1'],
    ]);
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.job().attempts.map(({ state }) => state)).toEqual(['abandoned', 'completed']);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 150_000 });
    expect(batch.scripted.starts).toHaveLength(2);
    say(null);
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.job().attempts.map(({ state }) => state)).toEqual(['completed', 'completed']);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 300_000, atRiskMicros: 0 });
  });

  it('is taken, and nothing is bought, when it comes after `retry` and before the next run', async () => {
    await overdue();
    expect(await retryWith(async () => PENDING)).toMatchObject({ again: ['keynote/de'] });
    say(null);
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('is followed by its own id after `retry`, and cannot be settled as not bought while its provider may end it', async () => {
    await overdue();
    await retryWith(async () => PENDING);
    const action = { store: batch.store, batch: 'spring', clock, host: 'test' };
    const own = { kind: 'prediction' as const, predictionId: 'prediction-1', identify: null };
    expect(await settle(action, 'keynote/de', { ...own, referenceFor })).toMatchObject({ state: 'processing' });
    expect((await batch.run({ clock })).exit).toBe(1);
    await retryWith(async () => PENDING);
    await expect(settle(action, 'keynote/de', { kind: 'not-bought' })).rejects.toMatchObject({
      code: 'SETTLE_NOT_POSSIBLE',
      message: expect.stringContaining('was bought as prediction-1'),
    });
    expect(batch.job().attempts).toMatchObject([{ state: 'abandoned', predictionId: 'prediction-1' }]);
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is not bought again while its provider gives no answer', async () => {
    await overdue();
    const unanswered: StatusResult = { state: 'unanswered', failure: { kind: 'network', message: 'refused' } };
    expect(await retryWith(async () => unanswered)).toMatchObject({
      again: [],
      resumed: ['keynote/de'],
      unsettled: [],
    });
    await batch.run({ clock });
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'timed-out' });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is held with why nobody could ask for it, where that was so until its timeout', async () => {
    say({ state: 'unanswered', failure: { kind: 'provider', message: 'the server fell over', httpStatus: 500 } });
    expect((await batch.run({ clock })).exit).toBe(1);
    expect(batch.job()).toMatchObject({
      state: 'held',
      holdReason: 'timed-out',
      reason: expect.stringContaining('the server fell over'),
    });
  });
});
