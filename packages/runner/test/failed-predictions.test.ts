import { join } from 'node:path';
import {
  type BudgetCap,
  type CallContext,
  type Catalogue,
  costTotals,
  type Provider,
  type Route,
  type StatusResult,
  type WholePlan,
} from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, retry, settle } from '../src/index.js';
import { spentUnder } from '../src/store/money/spending.js';
import type { AttemptRow } from '../src/store/store.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { scriptedRoute } from '../testing/scripted-provider.js';

/** What becomes of a job whose prediction fails, by what a failure costs. */

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const broken = { kind: 'provider', message: 'the GPU fell over' } as const;
const moderated = { kind: 'rejected-content', message: 'not allowed' } as const;
type Failed = Extract<StatusResult, { state: 'failed' }>;

/** Every prediction ends like this, and the route says that of a failure's cost. */
function ending(charged: Route['failedPrediction']['charged'], ended: Partial<Failed>) {
  const failed: Failed = { state: 'failed', failure: broken, canceled: false, costMicros: null, ...ended };
  const status: Provider['status'] = async () => failed;
  const route = { ...scriptedRoute, failedPrediction: { ...scriptedRoute.failedPrediction, charged } };
  const second = { ...route, id: 'acme/second' };
  const catalogue: Catalogue = { ...batch.scripted.catalogue, routes: [route, second] };
  return { catalogue, providers: new Map([['acme', { ...batch.scripted.provider, status }]]), random: () => 0 };
}

function twoRoutes(changes: Partial<WholePlan> = {}): WholePlan {
  const plan = batch.plan(['de'], changes);
  const [first] = plan.jobs[0]!.choices;
  return { ...plan, jobs: [{ ...plan.jobs[0]!, choices: [first!, { ...first!, route: 'acme/second' }] }] };
}

describe('a failed prediction', () => {
  it.each(['no', 'refunded'] as const)(
    'is made again where failures cost nothing (%s), three times in all',
    async (charged) => {
      expect((await batch.run(ending(charged, {}))).exit).toBe(1);
      expect(batch.scripted.starts).toHaveLength(3);
      expect(batch.job()).toMatchObject({ state: 'failed', mend: 'localize retry manifest.yaml --only keynote/de' });
    },
  );

  it('is not made again where nobody says whether it was charged, not even by the next run', async () => {
    for (let again = 0; again < 2; again += 1) await batch.run(ending('unknown', {}));
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({
      state: 'failed',
      mend: expect.stringMatching(/ \| localize settle \S+ keynote\/de --not-bought \| --charged 0\.15$/),
    });
    expect(costTotals(batch.snapshot().jobs).atRiskMicros).toBe(150_000);
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await settle(action, 'keynote/de', { kind: 'not-bought' });
    expect(batch.job()).toMatchObject({
      state: 'failed',
      mend: 'localize retry manifest.yaml --only keynote/de',
      attempts: [{ state: 'failed', billedMicros: 0, costSource: 'none' }],
    });
    expect(costTotals(batch.snapshot().jobs).atRiskMicros).toBe(0);
    await expect(settle(action, 'keynote/de', { kind: 'not-bought' })).rejects.toThrow(
      'no create whose reply was lost',
    );
  });

  it('is billed what somebody says that it was charged, until they say otherwise', async () => {
    await batch.run(ending('unknown', {}));
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    const cap: BudgetCap = { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 1_000_000 };
    for (const micros of [170_000, 340_000]) {
      await settle(action, 'keynote/de', { kind: 'charged', micros });
      expect(batch.job()).toMatchObject({
        state: 'failed',
        mend: 'localize retry manifest.yaml --only keynote/de',
        attempts: [{ state: 'failed', billedMicros: micros, costSource: 'none' }],
      });
      expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: micros, atRiskMicros: 0 });
      const [spent] = spentUnder(batch.store, [cap], { batch: 'spring', runId: null, wallMs: Date.now() });
      expect(spent).toMatchObject({ billedMicros: micros, atRiskMicros: 0 });
    }
    await settle(action, 'keynote/de', { kind: 'not-bought' });
    expect(batch.job().attempts).toMatchObject([{ billedMicros: 0, costSource: 'none' }]);
  });

  it('is the one that is named, of several; a word without a name corrects the last word, never an older one', async () => {
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await batch.run(ending('unknown', {}));
    await retry(action, { only: () => true, uncertain: false });
    await batch.run(ending('unknown', {}));
    const [older, newer] = batch.job().attempts.map(({ predictionId }) => predictionId!);
    const named = (id: string) => `localize settle manifest.yaml keynote/de --prediction ${id}`;
    const both = [older!, newer!].flatMap((id) => [`${named(id)} --not-bought`, `${named(id)} --charged 0.15`]);
    expect(batch.job().mend).toBe(['localize retry manifest.yaml --only keynote/de', ...both].join(' | '));

    const billed = () => batch.job().attempts.map(({ billedMicros }) => billedMicros);
    await settle(action, 'keynote/de', { kind: 'charged', micros: 170_000 });
    expect(billed()).toEqual([null, 170_000]);
    await settle(action, 'keynote/de', { kind: 'charged', micros: 180_000 });
    expect(billed()).toEqual([null, 180_000]);
    await settle(action, 'keynote/de', { kind: 'not-bought' });
    const again = settle(action, 'keynote/de', { kind: 'not-bought' });
    await expect(again).rejects.toMatchObject({ hint: `name the one that is meant: --prediction ${older}` });
    expect(billed()).toEqual([null, 0]);
    await settle(action, 'keynote/de', { kind: 'charged', micros: 160_000, predictionId: older });
    await settle(action, 'keynote/de', { kind: 'charged', micros: 190_000, predictionId: newer });
    await settle(action, 'keynote/de', { kind: 'charged', micros: 150_000, predictionId: older });
    expect(billed()).toEqual([150_000, 190_000]);
    const stranger = settle(action, 'keynote/de', { kind: 'not-bought', predictionId: 'other' });
    await expect(stranger).rejects.toMatchObject({ code: 'SETTLE_NOT_POSSIBLE' });
  });

  it('keeps its charge in doubt where the word on a later lost create is said twice', async () => {
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await batch.run(ending('unknown', {}));
    await retry(action, { only: () => true, uncertain: false });
    batch.scripted.nextStarts.push('uncertain');
    await batch.run(ending('unknown', {}));
    await settle(action, 'keynote/de', { kind: 'not-bought' });
    const [failed] = batch.job().attempts;
    const again = settle(action, 'keynote/de', { kind: 'not-bought' });
    await expect(again).rejects.toMatchObject({
      hint: `name the one that is meant: --prediction ${failed?.predictionId}`,
    });
    expect(batch.job().attempts).toMatchObject([{ state: 'failed', billedMicros: null }, { state: 'refused' }]);
    await settle(action, 'keynote/de', { kind: 'not-bought', predictionId: failed!.predictionId! });
    expect(batch.job().attempts).toMatchObject([{ state: 'failed', billedMicros: 0 }, { state: 'refused' }]);
  });

  it('keeps others from being bought under a cap where nobody knows its price, until that is settled as the cap says', async () => {
    const unpriced = batch.plan(['de'], { prices: {} });
    const unknown = { micros: null, certainty: 'unknown', billedSeconds: null } as const;
    const jobs = [...unpriced.jobs].map((each) => ({
      ...each,
      choices: each.choices.map((choice) => ({ ...choice, estimate: unknown })),
    }));
    await batch.run(ending('unknown', {}), { ...unpriced, jobs });
    const cap: BudgetCap = { name: 'budget.per_day_usd', scope: { kind: 'all' }, period: 'day', micros: 900_000 };
    const budget = { caps: [cap], marginPercent: 0, confirmAboveMicros: 0 };
    const plan = batch.plan(['fr'], { budget, batch: 'autumn', prices: {} });
    expect(await batch.run({ manifestPath: join(batch.dir, 'autumn.yaml') }, plan)).toMatchObject({ exit: 3 });
    const met = batch.events.filter(({ type }) => type === 'budget:met');
    const mend = '; set providers.acme.price, or settle keynote/de of batch spring with --charged USD or --not-bought';
    expect(met).toMatchObject([{ message: expect.stringContaining(mend) }]);
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await settle(action, 'keynote/de', { kind: 'charged', micros: 340_000 });
    expect(await batch.run({ manifestPath: join(batch.dir, 'autumn.yaml') }, plan)).toMatchObject({ exit: 0 });
  });

  it('is billed what somebody says of each, where the pages of its provider call them all free', async () => {
    await batch.run(ending('no', {}));
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    for (const { predictionId } of batch.job().attempts) {
      await settle(action, 'keynote/de', { kind: 'charged', micros: 600_000, predictionId: predictionId! });
    }
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: 1_800_000, atRiskMicros: 0 });
  });

  it('is billed what somebody says also where the pages of its provider call it free, and not where that says the amount', async () => {
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await batch.run(ending('no', { failure: { ...broken, retryable: false } }));
    await settle(action, 'keynote/de', { kind: 'charged', micros: 170_000 });
    expect(batch.job().attempts).toMatchObject([{ state: 'failed', billedMicros: 170_000, costSource: 'none' }]);
    await retry(action, { only: () => true, uncertain: false });
    await batch.run(ending('no', { costMicros: 150_000 }));
    await settle(action, 'keynote/de', { kind: 'charged', micros: 160_000 });
    expect(batch.job().attempts).toMatchObject([{ billedMicros: 160_000 }, { billedMicros: 150_000 }]);
  });

  it('is not made again when the provider says that this one was charged, whatever its pages say', async () => {
    await batch.run(ending('no', { costMicros: 150_000 }));
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job().attempts[0]).toMatchObject({ state: 'failed', billedMicros: 150_000 });
  });

  it('is made again when the provider says that this one cost nothing', async () => {
    await batch.run(ending('unknown', { costMicros: 0 }));
    expect(batch.scripted.starts).toHaveLength(3);
    expect(batch.job().attempts[0]).toMatchObject({ billedMicros: 0, costSource: 'provider' });
  });

  it.each([
    ['route', () => ending('no', {})],
    ['kind of failure', () => ending('unknown', { uncharged: true })],
  ])('is free by the pages of the provider for its %s, which is not its word on this one', async (_, ended) => {
    await batch.run(ended());
    expect(batch.scripted.starts).toHaveLength(3);
    expect(batch.job().attempts[0]).toMatchObject({ billedMicros: 0, costSource: 'price' });
  });

  it('is not made again when the provider calls it completed, since that may be charged', async () => {
    await batch.run(ending('refunded', { calledCompleted: true }));
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job().attempts[0]).toMatchObject({ state: 'failed', billedMicros: null });
  });

  it('is at risk until somebody says what it cost, where it was canceled or deleted at a provider that refunds failures', async () => {
    await batch.run(ending('refunded', { canceled: true }));
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({
      state: 'failed',
      mend: expect.stringContaining(' | localize settle manifest.yaml keynote/de --not-bought | --charged 0.15'),
      attempts: [{ state: 'failed', billedMicros: null }],
    });
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: 0, atRiskMicros: 150_000 });
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await settle(action, 'keynote/de', { kind: 'charged', micros: 150_000 });
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });
});

describe('a failure that was charged, or may have been', () => {
  const action = () => ({ store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' });
  const byIts = (status: Provider['status']) => async (attempt: AttemptRow) =>
    status(scriptedRoute, attempt.reference ?? {}, {} as CallContext);

  it('is looked at once more by `retry`, and fetched where its result is there after all', async () => {
    await batch.run(ending('unknown', {}));
    const look = byIts(batch.scripted.provider.status);
    expect(await retry(action(), { only: () => true, uncertain: false, look })).toMatchObject({
      again: ['keynote/de'],
    });
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      attempts: [{ state: 'completed', billedMicros: 150_000, costSource: 'price' }],
    });
  });

  it('is not taken for what the manifest asks for by now', async () => {
    await batch.run(ending('unknown', {}));
    await retry(action(), { only: () => true, uncertain: false, look: byIts(batch.scripted.provider.status) });
    const plan = batch.plan(['de']);
    const [job] = plan.jobs;
    const choices = job!.choices.map((choice) => ({ ...choice, input: { ...choice.input, seed: 7 } }));
    await batch.run({}, { ...plan, jobs: [{ ...job!, choices }] });
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      attempts: [{ state: 'completed' }, { state: 'completed' }],
    });
    expect(costTotals(batch.snapshot().jobs).billedMicros).toBe(300_000);
  });

  const failedStill: StatusResult = { state: 'failed', failure: broken, canceled: false, costMicros: null };
  const retryTold = (told: StatusResult) =>
    retry(action(), { only: () => true, uncertain: false, look: async () => told });

  it('is bought again where its provider says that it has failed all the same', async () => {
    await batch.run(ending('unknown', {}));
    expect(await retryTold(failedStill)).toMatchObject({ again: ['keynote/de'], unasked: [] });
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job()).toMatchObject({ state: 'succeeded', attempts: [{ state: 'failed' }, { state: 'completed' }] });
  });

  it('is left alone where its provider cannot say, until somebody has: nothing is bought on a guess', async () => {
    const unanswered = { state: 'unanswered', failure: broken } as const;
    await batch.run(ending('unknown', {}));
    expect(await retryTold(unanswered)).toMatchObject({ again: [], unasked: ['keynote/de'] });
    expect(batch.job().state).toBe('failed');
    await settle(action(), 'keynote/de', { kind: 'not-bought' });
    expect(await retryTold(unanswered)).toMatchObject({ again: ['keynote/de'], unasked: [] });
  });

  it('is not looked at where it was free', async () => {
    await batch.run(ending('no', { failure: { ...broken, retryable: false } }));
    let looks = 0;
    const look = async () => {
      looks += 1;
      return null;
    };
    await retry(action(), { only: () => true, uncertain: false, look });
    expect(looks).toBe(0);
  });
});

describe('a rejection by moderation', () => {
  it('is never tried elsewhere by itself', async () => {
    await batch.run(ending('no', { failure: moderated }), twoRoutes());
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job().state).toBe('failed');
  });

  it('is tried on the next route where the manifest says so, and then no more', async () => {
    await batch.run(ending('no', { failure: moderated }), twoRoutes({ failoverOnRejection: true }));
    expect(batch.job().attempts.map(({ route }) => route)).toEqual(['acme/lips', 'acme/second']);
    expect(batch.job().state).toBe('failed');
  });
});
