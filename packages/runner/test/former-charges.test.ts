import type { BudgetCap, Catalogue, Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, settle } from '../src/index.js';
import { spentUnder } from '../src/store/money/spending.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { scriptedRoute } from '../testing/scripted-provider.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const cap: BudgetCap = { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 5_000_000 };
const planOf = (name: string) =>
  batch.plan(['de'], { batch: name, budget: { caps: [cap], marginPercent: 0, confirmAboveMicros: 10_000_000 } });
const action = (name: string) => ({ store: batch.store, batch: name, clock: bootClock(batch.store), host: 'test' });
const spent = () => spentUnder(batch.store, [cap], { batch: 'spring', runId: null, wallMs: Date.now() })[0];

/** Every prediction fails, and nobody says whether that was charged. */
function failing() {
  const failure = { kind: 'provider', message: 'the GPU fell over', retryable: false } as const;
  const status: Provider['status'] = async () => ({ state: 'failed', failure, canceled: false, costMicros: null });
  const route = { ...scriptedRoute, failedPrediction: { ...scriptedRoute.failedPrediction, charged: 'unknown' } };
  const catalogue = { ...batch.scripted.catalogue, routes: [route] } as Catalogue;
  return { catalogue, providers: new Map([['acme', { ...batch.scripted.provider, status }]]) };
}

describe('a failure of unknown charge of a batch that was renamed since', () => {
  it('is settled under the new name, whose caps count it, also once that has bought again', async () => {
    await batch.run(failing(), planOf('winter'));
    await batch.run({}, planOf('spring'));
    expect(spent()).toMatchObject({ billedMicros: 150_000, atRiskMicros: 150_000 });
    expect(budgeted(batch.store, batch.snapshot(), planOf('spring')).warnings).toEqual([
      expect.stringMatching(/\$0\.15 .* as batch winter; .* at risk until `localize settle KEY` says .*: keynote\/de$/),
    ]);
    const settled = await settle(action('spring'), 'keynote/de', { kind: 'charged', micros: 120_000 });
    expect(settled).toMatchObject({ formerBatch: 'winter', state: 'succeeded' });
    expect(spent()).toMatchObject({ billedMicros: 270_000, atRiskMicros: 0 });
    await settle(action('spring'), 'keynote/de', { kind: 'not-bought' });
    expect(spent()).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
    expect(budgeted(batch.store, batch.snapshot(), planOf('spring')).warnings).toEqual([]);
  });

  it('is not what a word is about that was said of the job itself before, unless it is named', async () => {
    await batch.run(failing(), planOf('winter'));
    await batch.run(failing(), planOf('spring'));
    const own = await settle(action('spring'), 'keynote/de', { kind: 'not-bought' });
    expect(own).not.toHaveProperty('formerBatch');
    await expect(settle(action('spring'), 'keynote/de', { kind: 'not-bought' })).rejects.toMatchObject({
      code: 'SETTLE_NOT_POSSIBLE',
    });
    expect(spent()).toMatchObject({ billedMicros: 0, atRiskMicros: 150_000 });
    const named = { kind: 'charged', micros: 150_000, predictionId: 'prediction-1' } as const;
    expect(await settle(action('spring'), 'keynote/de', named)).toMatchObject({ formerBatch: 'winter' });
    expect(spent()).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });
});
