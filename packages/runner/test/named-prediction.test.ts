import { costTotals, type IdentifyResult, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel, type Identify, retry, settle } from '../src/index.js';
import { type BatchFixture, batchFixture, referenceFor } from '../testing/batch-fixture.js';
import { ASSUMED, priced } from '../testing/budgets.js';
import { loseReply } from '../testing/lose-reply.js';
import { SkippingClock } from '../testing/skipping-clock.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const loseTheReply = (plan?: WholePlan) => loseReply(batch, plan);

describe('a lost create whose prediction the user names', () => {
  it('goes on with the prediction that the user names', async () => {
    await loseTheReply();
    await settle(batch.action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor,
      identify: null,
    });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('says what its bill needs where only its provider’s page shows that, until somebody says the amount', async () => {
    const floor = { kind: 'floor', micros: 170_000, source: ASSUMED } as const;
    const plan = priced(batch, floor, ['de'], {});
    await loseTheReply(plan);
    const named = { kind: 'prediction', predictionId: 'prediction-1', referenceFor, identify: null } as const;
    // Said before it is named, it is of one that nobody could fetch.
    await settle(batch.action(), 'keynote/de', { kind: 'charged', micros: 170_000 });
    await settle(batch.action(), 'keynote/de', named);
    expect((await batch.run({}, plan)).exit).toBe(0);
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      reason: 'its video is there, and nobody says what it cost ($0.17 at risk)',
      mend: 'localize settle manifest.yaml keynote/de --charged <what it cost in USD>',
    });
    await settle(batch.action(), 'keynote/de', { kind: 'charged', micros: 170_000 });
    expect(batch.job()).toMatchObject({ state: 'succeeded', reason: null, mend: null });
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 170_000, atRiskMicros: 0 });
  });

  it.each<[IdentifyResult, string]>([
    [
      { state: 'vanished', failure: { kind: 'provider', message: 'HTTP 404' } },
      'acme knows no prediction prediction-9',
    ],
    [
      { state: 'unanswered', failure: { kind: 'network', message: 'connection refused' } },
      'acme could not be asked whether prediction-9 is the prediction of keynote/de: connection refused',
    ],
    [{ state: 'known', inputs: 'different' }, 'was not made of what was sent for keynote/de'],
  ])('takes no prediction of which the provider says %j', async (said, words) => {
    await loseTheReply();
    const settlement = { kind: 'prediction' as const, predictionId: 'prediction-9', referenceFor };
    await expect(
      settle(batch.action(), 'keynote/de', { ...settlement, identify: () => async () => said }),
    ).rejects.toMatchObject({
      code: 'PREDICTION_UNPROVEN',
      message: expect.stringContaining(words),
    });
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain', attempts: [{ predictionId: null }] });
  });

  it.each(['same', 'unknown'] as const)(
    'takes a prediction whose inputs are %s, by its attempt and id',
    async (inputs) => {
      await loseTheReply();
      const asked: unknown[] = [];
      const identify: Identify = (reference) => async (attempt) => {
        asked.push([attempt.route, reference]);
        return { state: 'known', inputs };
      };
      const settlement = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify };
      expect(await settle(batch.action(), 'keynote/de', settlement)).toMatchObject({
        identified: inputs,
        state: 'processing',
      });
      expect(asked).toEqual([['acme/lips', { id: 'prediction-1' }]]);
      expect((await batch.run()).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(1);
    },
  );

  it('takes another id when the provider does not know the one that was named', async () => {
    await loseTheReply();
    const clock = new SkippingClock(Date.now());
    const unknown = { state: 'vanished', failure: { kind: 'provider', message: 'no such id' } } as const;
    batch.scripted.statuses.set('mistyped', unknown);
    await settle(batch.action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'mistyped',
      referenceFor,
      identify: null,
    });
    expect((await batch.run({ clock })).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'vanished' });
    await settle(batch.action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor,
      identify: null,
    });
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is followed, not bought again, when it is named after the word to buy it again', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    await retry(batch.action(), { only: () => true, uncertain: true });
    expect(await settle(batch.action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('is fetched when it is named after all, although it was given up', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    expect(await settle(batch.action(), 'keynote/de', { kind: 'abandon' })).toMatchObject({ state: 'canceled' });
    expect(await settle(batch.action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('stays canceled when it is named, where the job was canceled for itself, until `retry` has it fetched', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    await cancel(batch.action(), { only: () => true, askProvider: async () => null });
    expect(await settle(batch.action(), 'keynote/de', named)).toMatchObject({ state: 'canceled' });
    expect((await retry(batch.action(), { only: () => true, uncertain: false })).resumed).toEqual(['keynote/de']);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('can be named after it was said, by mistake, not to have been bought, and is not bought again', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    expect(await settle(batch.action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('can be named so too where its connection broke', async () => {
    await loseTheReply();
    batch.store.sqlite.exec(
      `UPDATE attempts SET failure = '{"kind":"network","code":"UND_ERR_SOCKET","message":"closed"}'`,
    );
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    expect(await settle(batch.action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
  });

  it('is the one that is settled beside a later one that was given up while it ran, and that keeps its id', async () => {
    await loseTheReply();
    batch.store.sqlite.exec(`UPDATE attempts SET state = 'abandoned';
      CREATE TEMP TABLE later AS SELECT * FROM attempts;
      UPDATE later SET id = 'later', prediction_id = 'prediction-2', reference = '{"id":"prediction-2"}';
      INSERT INTO attempts SELECT * FROM later;`);
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    expect(batch.job().attempts.map(({ state, predictionId }) => [state, predictionId])).toEqual([
      ['refused', null],
      ['abandoned', 'prediction-2'],
    ]);
    batch.store.sqlite.exec(`UPDATE attempts SET state = 'abandoned' WHERE state = 'refused'`);
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await settle(batch.action(), 'keynote/de', named);
    expect(batch.job().attempts.map(({ state, predictionId }) => [state, predictionId])).toEqual([
      ['accepted', 'prediction-1'],
      ['abandoned', 'prediction-2'],
    ]);
  });

  it('can be named anew where its id was taken on somebody’s word alone, and not where its provider vouches for it', async () => {
    const named = { kind: 'prediction' as const, referenceFor, identify: null };
    await loseTheReply();
    await settle(batch.action(), 'keynote/de', { ...named, predictionId: 'mistyped' });
    const identify: Identify = () => async () => ({ state: 'known', inputs: 'same' });
    const vouched = { ...named, predictionId: 'prediction-1', identify };
    expect(await settle(batch.action(), 'keynote/de', vouched)).toMatchObject({
      identified: 'same',
      state: 'processing',
    });
    await expect(settle(batch.action(), 'keynote/de', { ...named, predictionId: 'other' })).rejects.toThrow(
      'nobody doubts that',
    );
    expect((await batch.run()).exit).toBe(0);
    expect(batch.job().attempts).toMatchObject([{ state: 'completed', predictionId: 'prediction-1' }]);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('cannot be named where its reply has told its prediction', async () => {
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    await batch.run(stopOnceAccepted());
    const named = { kind: 'prediction' as const, predictionId: 'another', referenceFor, identify: null };
    await expect(settle(batch.action(), 'keynote/de', named)).rejects.toMatchObject({ code: 'SETTLE_NOT_POSSIBLE' });
  });

  it('cannot be settled with a prediction that another job owns', async () => {
    await batch.run({}, batch.plan(['fr']));
    await loseTheReply(batch.plan(['fr', 'de']));
    const settlement = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await expect(settle(batch.action(), 'keynote/de', settlement)).rejects.toMatchObject({
      code: 'SETTLE_NOT_POSSIBLE',
    });
  });
});
