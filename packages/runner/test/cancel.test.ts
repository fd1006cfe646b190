import { type CallContext, costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel, retry, settle } from '../src/index.js';
import type { AttemptRow } from '../src/store/store.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { scriptedRoute } from '../testing/scripted-provider.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

/** A run that was stopped once its create was accepted. */
async function leaveRunning(): Promise<void> {
  batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
  await batch.run(stopOnceAccepted());
}

describe('retry of a canceled job', () => {
  it('fetches what was paid for before anything is bought again', async () => {
    await leaveRunning();
    await cancel(batch.action(), { only: () => true, askProvider: async () => null });
    batch.scripted.statuses.delete('prediction-1');
    await batch.run();
    expect(batch.job()).toMatchObject({ state: 'canceled', attempts: [{ state: 'completed' }] });
    expect((await retry(batch.action(), { only: () => true, uncertain: false })).resumed).toEqual(['keynote/de']);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('looks once more at a prediction that its provider had stopped, and fetches what is there after all', async () => {
    await leaveRunning();
    await cancel(batch.action(), { only: () => true, askProvider: async () => ({ outcome: 'canceled', message: '' }) });
    const failure = { kind: 'provider', message: 'canceled' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'failed', failure, canceled: true, costMicros: null });
    await batch.run();
    expect(batch.job()).toMatchObject({ state: 'canceled', attempts: [{ state: 'failed' }] });
    batch.scripted.statuses.delete('prediction-1');
    const { status } = batch.scripted.provider;
    const look = (attempt: AttemptRow) => status(scriptedRoute, attempt.reference ?? {}, {} as CallContext);
    await retry(batch.action(), { only: () => true, uncertain: false, look });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('cancel', () => {
  it('says what a prediction that the provider has stopped may still cost, and how to say that it cost nothing', async () => {
    await leaveRunning();
    const askProvider = async () => ({ outcome: 'canceled', message: 'stopped' }) as const;
    await cancel(batch.action(), { only: () => true, askProvider });
    const failure = { kind: 'provider', message: 'canceled' } as const;
    const stopped = { state: 'failed', failure, canceled: true, costMicros: null, calledCompleted: true } as const;
    batch.scripted.statuses.set('prediction-1', stopped);
    await batch.run();
    expect(costTotals([batch.job()]).atRiskMicros).toBe(150_000);
    expect(batch.job()).toMatchObject({
      state: 'canceled',
      reason: 'canceled, and nobody says whether its prediction was charged ($0.15 at risk)',
      mend: 'localize settle manifest.yaml keynote/de --not-bought | --charged 0.15',
    });
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    expect(batch.job()).toMatchObject({ state: 'canceled', reason: null });
    expect(costTotals([batch.job()]).atRiskMicros).toBe(0);
  });

  it('keeps following a prediction that may be billed, without its job', async () => {
    await leaveRunning();
    const asked: string[] = [];
    await cancel(batch.action(), {
      only: () => true,
      askProvider: async (attempt) => {
        asked.push(attempt.predictionId ?? '');
        return { outcome: 'asked', message: 'best effort' };
      },
    });
    expect(asked).toEqual(['prediction-1']);
    expect(batch.job().state).toBe('canceled');
    expect(costTotals([batch.job()]).inFlightMicros).toBe(150_000);
    batch.scripted.statuses.delete('prediction-1');
    await batch.run();
    expect(batch.job().state).toBe('canceled');
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, inFlightMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });
});
