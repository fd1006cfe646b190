import { costTotals, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel, retry, settle } from '../src/index.js';
import { type BatchFixture, batchFixture, referenceFor } from '../testing/batch-fixture.js';
import { loseReply } from '../testing/lose-reply.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const loseTheReply = (plan?: WholePlan) => loseReply(batch, plan);

function listTheLost(): void {
  const candidate = {
    predictionId: 'prediction-1',
    reference: { id: 'prediction-1' },
    createdAtMs: Date.now(),
    isTimely: true,
  };
  const candidates = [{ ...candidate, inputs: 'same' as const, status: 'done' }];
  batch.scripted.found.result = { state: 'listed', candidates };
}

describe('a create that was out when its run was killed', () => {
  const plainly = { only: () => true, uncertain: false };

  beforeEach(async () => {
    await loseTheReply();
    batch.store.sqlite.exec(`
      UPDATE attempts SET state = 'intended', replied_at = NULL, search_at = NULL;
      UPDATE jobs SET state = 'submitting', hold_reason = NULL;`);
  });

  it('is uncertain to whoever asks first, and can be settled at once', async () => {
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    expect(costTotals([batch.job()]).atRiskMicros).toBe(0);
  });

  it('is not bought again by `cancel` and `retry` without the word', async () => {
    await cancel(batch.action(), { only: () => true, askProvider: async () => null });
    expect((await retry(batch.action(), plainly)).again).toEqual([]);
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()]).atRiskMicros).toBe(150_000);
    expect(batch.job()).toMatchObject({
      state: 'canceled',
      reason: 'canceled, while nobody knows whether its create was bought ($0.15 at risk)',
      mend: expect.stringContaining('localize settle manifest.yaml keynote/de'),
    });
  });

  it('holds its job also where that was put back to be bought', async () => {
    batch.store.sqlite.exec(`UPDATE jobs SET state = 'pending', attempt_id = NULL`);
    await batch.run();
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a create whose reply was lost', () => {
  it('is bought once, whatever is run, until somebody says what became of it', async () => {
    await loseTheReply();
    for (let again = 0; again < 3; again += 1) await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({
      state: 'held',
      holdReason: 'uncertain',
      mend: 'localize settle manifest.yaml keynote/de --prediction <its id at acme> | --not-bought | --charged <what it cost in USD> | --abandon',
    });
    expect(costTotals([batch.job()]).atRiskMicros).toBe(150_000);
  });

  it('is what a reply is that names the prediction of another job, and the batch goes on', async () => {
    const { provider } = batch.scripted;
    const twin = {
      ...provider,
      start: async (...given: Parameters<typeof provider.start>) => {
        const result = await provider.start(...given);
        return result.outcome === 'accepted'
          ? { ...result, predictionId: 'the-same', reference: { id: 'the-same' } }
          : result;
      },
    };
    const providers = new Map([['acme', twin]]);
    expect(await batch.run({ providers }, batch.plan(['de', 'fr']))).toMatchObject({ why: 'finished', exit: 1 });
    const held = batch.snapshot().jobs.filter(({ state }) => state === 'held');
    expect(held).toMatchObject([{ holdReason: 'uncertain', reason: expect.stringContaining('the-same') }]);
    expect(batch.snapshot().jobs.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
  });

  it('is bought again once the user says that it was not bought, and nothing stays at risk', async () => {
    await loseTheReply();
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('keeps its money at risk when the user gives it up', async () => {
    await loseTheReply();
    await settle(batch.action(), 'keynote/de', { kind: 'abandon' });
    expect(batch.job().state).toBe('canceled');
    expect(costTotals([batch.job()]).atRiskMicros).toBe(150_000);
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is charged and lost once somebody has found it on a bill, until they name it or say otherwise', async () => {
    await loseTheReply();
    for (const micros of [170_000, 260_000]) {
      expect(await settle(batch.action(), 'keynote/de', { kind: 'charged', micros })).toMatchObject({
        state: 'canceled',
      });
      expect(batch.job()).toMatchObject({
        state: 'canceled',
        attempts: [{ state: 'abandoned', billedMicros: micros }],
      });
      expect(costTotals([batch.job()])).toMatchObject({ billedMicros: micros, lostMicros: micros, atRiskMicros: 0 });
    }
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    listTheLost();
    await batch.run();
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 0, atRiskMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is charged no more once it is said not to have been bought', async () => {
    await loseTheReply();
    await settle(batch.action(), 'keynote/de', { kind: 'charged', micros: 260_000 });
    await settle(batch.action(), 'keynote/de', { kind: 'not-bought' });
    expect(batch.job().attempts).toMatchObject([{ state: 'refused', billedMicros: null }]);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 0, lostMicros: 0, atRiskMicros: 0 });
  });

  it('is bought again once by `retry --uncertain`, however often that is said before the run', async () => {
    await loseTheReply();
    const everything = { only: () => true, uncertain: true };
    expect((await retry(batch.action(), everything)).again).toEqual(['keynote/de']);
    expect((await retry(batch.action(), everything)).again).toEqual([]);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 150_000 });
  });

  it('is taken over when it is found after it was bought again, and then both are paid for', async () => {
    await loseTheReply();
    await retry(batch.action(), { only: () => true, uncertain: true });
    await batch.run();
    listTheLost();
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 300_000, atRiskMicros: 0 });
    expect(batch.job().state).toBe('succeeded');
  });

  it('is taken over in place of buying it again, when it is found before that', async () => {
    await loseTheReply();
    await retry(batch.action(), { only: () => true, uncertain: true });
    listTheLost();
    const noCreates = AbortSignal.abort();
    expect((await batch.run({ endCreates: noCreates })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it.each(['not-bought', 'abandon'] as const)(
    'leaves alone the later purchase that its job waits for, when %s is said of it',
    async (kind) => {
      await loseTheReply();
      await retry(batch.action(), { only: () => true, uncertain: true });
      batch.scripted.outputStatus.code = 500;
      await batch.run({ clock: new SkippingClock() });
      expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
      await settle(batch.action(), 'keynote/de', { kind });
      expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
      batch.scripted.outputStatus.code = 200;
      expect((await batch.run()).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    },
  );

  it('is not bought again by `retry --uncertain` where a slow list shows it before another is bought', async () => {
    await loseTheReply();
    await retry(batch.action(), { only: () => true, uncertain: true });
    listTheLost();
    const { provider } = batch.scripted;
    const find: typeof provider.find = async (...asked) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return provider.find!(...asked);
    };
    expect((await batch.run({ providers: new Map([[provider.id, { ...provider, find }]]) })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('is not bought again when it is given up after the word to buy it again: the last word counts', async () => {
    await loseTheReply();
    await retry(batch.action(), { only: () => true, uncertain: true });
    expect(await settle(batch.action(), 'keynote/de', { kind: 'abandon' })).toMatchObject({ state: 'canceled' });
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([batch.job()]).atRiskMicros).toBe(150_000);
  });

  it.each(['accepted', 'completed'] as const)(
    'stops its second purchase also when it is known to be %s only after that was prepared, and the batch goes on',
    async (state) => {
      const plan = batch.plan(['de', 'fr', 'ja']);
      const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 1 } };
      batch.scripted.nextStarts.push('accepted', 'uncertain');
      const oneAtATime = { ...plan, providers: { acme } };
      await batch.run({}, { ...oneAtATime, jobs: plan.jobs.slice(0, 1) });
      await batch.run({ only: (key) => key === 'keynote/fr' }, oneAtATime);
      await retry(batch.action(), { only: () => true, uncertain: true });
      batch.store.sqlite.exec(`UPDATE attempts SET slot_until = 0 WHERE state = 'abandoned'`);
      const { provider } = batch.scripted;
      const start: typeof provider.start = async (...given) => {
        batch.store.sqlite.exec(`UPDATE attempts SET state = '${state}', prediction_id = 'prediction-2', poll_at = 0,
          reference = '{"id":"prediction-2"}', failure = NULL WHERE state = 'abandoned'`);
        return provider.start(...given);
      };
      const jobsTurned = [plan.jobs[2]!, plan.jobs[0]!, plan.jobs[1]!].map((each, position) => ({ ...each, position }));
      const providers = new Map([['acme', { ...provider, start }]]);
      expect((await batch.run({ providers }, { ...oneAtATime, jobs: jobsTurned })).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(3);
    },
  );

  it('can be given up twice: the second time changes nothing', async () => {
    await loseTheReply();
    for (let again = 0; again < 2; again += 1) await settle(batch.action(), 'keynote/de', { kind: 'abandon' });
    expect(batch.job().state).toBe('canceled');
    expect(costTotals([batch.job()]).atRiskMicros).toBe(150_000);
  });

  it('is left alone by `retry` without the word', async () => {
    await loseTheReply();
    expect((await retry(batch.action(), { only: () => true, uncertain: false })).again).toEqual([]);
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is not bought anew when the manifest is edited meanwhile', async () => {
    await loseTheReply();
    const plan = batch.plan(['de']);
    const choices = plan.jobs[0]!.choices.map((choice) => ({
      ...choice,
      input: { ...choice.input, prompt: 'edited' },
    }));
    await batch.run({ remake: true }, { ...plan, jobs: [{ ...plan.jobs[0]!, choices }] });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is settled as what was asked for, when the manifest was edited meanwhile; the edit is then a re-make like any other', async () => {
    await loseTheReply();
    const plan = batch.plan(['de']);
    const choices = plan.jobs[0]!.choices.map((choice) => ({
      ...choice,
      input: { ...choice.input, prompt: 'edited' },
    }));
    const edited = { ...plan, jobs: [{ ...plan.jobs[0]!, choices }] };
    await batch.run({}, edited);
    await settle(batch.action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor,
      identify: null,
    });
    expect((await batch.run({}, edited)).exit).toBe(0);
    expect(batch.job().state).toBe('succeeded');
    await batch.run({}, edited);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
    expect(batch.scripted.starts).toHaveLength(1);
    await batch.run({ remake: true }, edited);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is not adopted when two listed predictions could be it', async () => {
    const candidate = {
      reference: {},
      createdAtMs: Date.now(),
      isTimely: true,
      inputs: 'same',
      status: 'done',
    } as const;
    const candidates = ['prediction-1', 'other'].map((predictionId) => ({ ...candidate, predictionId }));
    batch.scripted.found.result = { state: 'listed', candidates };
    await loseTheReply();
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
  });

  it('is never adopted by time and model alone, but named in the command that settles it', async () => {
    const candidate = {
      predictionId: 'prediction-1',
      reference: {},
      createdAtMs: Date.now(),
      isTimely: true,
      status: 'done',
    };
    batch.scripted.found.result = { state: 'listed', candidates: [{ ...candidate, inputs: 'unknown' }] };
    await loseTheReply();
    expect(batch.job()).toMatchObject({
      state: 'held',
      reason: expect.stringMatching(/nobody knows whether it was bought.*\(\$0\.15 at risk\)$/),
      mend: 'localize settle manifest.yaml keynote/de --prediction prediction-1 | --not-bought | --charged <what it cost in USD> | --abandon',
    });
  });

  it('is bought again once under `on_uncertain: absent`, when the list lacks it beyond its lag', async () => {
    const plan = batch.plan(['de'], { onUncertain: 'absent' });
    batch.scripted.nextStarts.push('uncertain', 'uncertain', 'uncertain');
    await batch.run({ outageBackoff: { firstMs: 10, maximumMs: 10 } }, plan);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
  });
});

describe('an outage', () => {
  it('costs few creates: from the second lost reply on, one at a time and ever slower', async () => {
    const languages = Array.from({ length: 30 }, (_, index) => `x-${index}`);
    const plan = batch.plan(languages);
    const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 30 } };
    batch.scripted.nextStarts.push(...languages.map(() => 'uncertain' as const));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1_500);
    await batch.run(
      { stop: stop.signal, outageBackoff: { firstMs: 400, maximumMs: 4_000 } },
      { ...plan, providers: { acme } },
    );
    // What had left before the first reply was lost, and one probe a pause after that.
    expect(batch.scripted.starts.length).toBeLessThanOrEqual(14);
  });
});
