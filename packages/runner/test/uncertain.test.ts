import { costTotals, type IdentifyResult, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, cancel, type Identify, retry, settle } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const job = () => batch.snapshot().jobs[0]!;
const action = () => ({ store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' });
const referenceFor = (_route: string, id: string) => ({ id });

async function loseTheReply(plan?: WholePlan): Promise<void> {
  batch.scripted.nextStarts.push('uncertain');
  await batch.run({}, plan);
}

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
    await settle(action(), 'keynote/de', { kind: 'not-bought' });
    expect(costTotals([job()]).atRiskMicros).toBe(0);
  });

  it('is not bought again by `cancel` and `retry` without the word', async () => {
    await cancel(action(), { only: () => true, askProvider: async () => null });
    expect((await retry(action(), plainly)).again).toEqual([]);
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([job()]).atRiskMicros).toBe(150_000);
    expect(job()).toMatchObject({
      state: 'canceled',
      reason: 'canceled, while nobody knows whether its create was bought ($0.15 at risk)',
      mend: expect.stringContaining('localize settle manifest.yaml keynote/de'),
    });
  });

  it('holds its job also where that was put back to be bought', async () => {
    batch.store.sqlite.exec(`UPDATE jobs SET state = 'pending', attempt_id = NULL`);
    await batch.run();
    expect(job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a create whose reply was lost', () => {
  it('is bought once, whatever is run, until somebody says what became of it', async () => {
    await loseTheReply();
    for (let again = 0; again < 3; again += 1) await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(job()).toMatchObject({
      state: 'held',
      holdReason: 'uncertain',
      mend: 'localize settle manifest.yaml keynote/de --prediction <its id at acme> | --not-bought | --abandon',
    });
    expect(costTotals([job()]).atRiskMicros).toBe(150_000);
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

  it('goes on with the prediction that the user names', async () => {
    await loseTheReply();
    await settle(action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor,
      identify: null,
    });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
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
      settle(action(), 'keynote/de', { ...settlement, identify: () => async () => said }),
    ).rejects.toMatchObject({
      code: 'PREDICTION_UNPROVEN',
      message: expect.stringContaining(words),
    });
    expect(job()).toMatchObject({ state: 'held', holdReason: 'uncertain', attempts: [{ predictionId: null }] });
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
      expect(await settle(action(), 'keynote/de', settlement)).toMatchObject({
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
    await settle(action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'mistyped',
      referenceFor,
      identify: null,
    });
    expect((await batch.run({ clock })).exit).toBe(1);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'vanished' });
    await settle(action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor,
      identify: null,
    });
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is bought again once the user says that it was not bought, and nothing stays at risk', async () => {
    await loseTheReply();
    await settle(action(), 'keynote/de', { kind: 'not-bought' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('keeps its money at risk when the user gives it up', async () => {
    await loseTheReply();
    await settle(action(), 'keynote/de', { kind: 'abandon' });
    expect(job().state).toBe('canceled');
    expect(costTotals([job()]).atRiskMicros).toBe(150_000);
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is bought again once by `retry --uncertain`, however often that is said before the run', async () => {
    await loseTheReply();
    const everything = { only: () => true, uncertain: true };
    expect((await retry(action(), everything)).again).toEqual(['keynote/de']);
    expect((await retry(action(), everything)).again).toEqual([]);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 150_000 });
  });

  it('is taken over when it is found after it was bought again, and then both are paid for', async () => {
    await loseTheReply();
    await retry(action(), { only: () => true, uncertain: true });
    await batch.run();
    listTheLost();
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 300_000, atRiskMicros: 0 });
    expect(job().state).toBe('succeeded');
  });

  it('is taken over in place of buying it again, when it is found before that', async () => {
    await loseTheReply();
    await retry(action(), { only: () => true, uncertain: true });
    listTheLost();
    const noCreates = AbortSignal.abort();
    expect((await batch.run({ endCreates: noCreates })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it.each(['not-bought', 'abandon'] as const)(
    'leaves alone the later purchase that its job waits for, when %s is said of it',
    async (kind) => {
      await loseTheReply();
      await retry(action(), { only: () => true, uncertain: true });
      batch.scripted.outputStatus.code = 500;
      await batch.run({ clock: new SkippingClock() });
      expect(job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
      await settle(action(), 'keynote/de', { kind });
      expect(job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
      batch.scripted.outputStatus.code = 200;
      expect((await batch.run()).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    },
  );

  it('is followed, not bought again, when it is named after the word to buy it again', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    await retry(action(), { only: () => true, uncertain: true });
    expect(await settle(action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('is fetched when it is named after all, although it was given up', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    expect(await settle(action(), 'keynote/de', { kind: 'abandon' })).toMatchObject({ state: 'canceled' });
    expect(await settle(action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('stays canceled when it is named, where the job was canceled for itself, until `retry` has it fetched', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    await cancel(action(), { only: () => true, askProvider: async () => null });
    expect(await settle(action(), 'keynote/de', named)).toMatchObject({ state: 'canceled' });
    expect((await retry(action(), { only: () => true, uncertain: false })).resumed).toEqual(['keynote/de']);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is not bought again when it is given up after the word to buy it again: the last word counts', async () => {
    await loseTheReply();
    await retry(action(), { only: () => true, uncertain: true });
    expect(await settle(action(), 'keynote/de', { kind: 'abandon' })).toMatchObject({ state: 'canceled' });
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([job()]).atRiskMicros).toBe(150_000);
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
      await retry(action(), { only: () => true, uncertain: true });
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

  it('can be named after it was said, by mistake, not to have been bought, and is not bought again', async () => {
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await loseTheReply();
    await settle(action(), 'keynote/de', { kind: 'not-bought' });
    expect(await settle(action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
  });

  it('can be named so too where its connection broke', async () => {
    await loseTheReply();
    batch.store.sqlite.exec(
      `UPDATE attempts SET failure = '{"kind":"network","code":"UND_ERR_SOCKET","message":"closed"}'`,
    );
    await settle(action(), 'keynote/de', { kind: 'not-bought' });
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    expect(await settle(action(), 'keynote/de', named)).toMatchObject({ state: 'processing' });
  });

  it('is the one that is settled beside a later one that was given up while it ran, and that keeps its id', async () => {
    await loseTheReply();
    batch.store.sqlite.exec(`UPDATE attempts SET state = 'abandoned';
      CREATE TEMP TABLE later AS SELECT * FROM attempts;
      UPDATE later SET id = 'later', prediction_id = 'prediction-2', reference = '{"id":"prediction-2"}';
      INSERT INTO attempts SELECT * FROM later;`);
    await settle(action(), 'keynote/de', { kind: 'not-bought' });
    expect(job().attempts.map(({ state, predictionId }) => [state, predictionId])).toEqual([
      ['refused', null],
      ['abandoned', 'prediction-2'],
    ]);
    batch.store.sqlite.exec(`UPDATE attempts SET state = 'abandoned' WHERE state = 'refused'`);
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await settle(action(), 'keynote/de', named);
    expect(job().attempts.map(({ state, predictionId }) => [state, predictionId])).toEqual([
      ['accepted', 'prediction-1'],
      ['abandoned', 'prediction-2'],
    ]);
  });

  it('can be named anew where its id was taken on somebody’s word alone, and not where its provider vouches for it', async () => {
    const named = { kind: 'prediction' as const, referenceFor, identify: null };
    await loseTheReply();
    await settle(action(), 'keynote/de', { ...named, predictionId: 'mistyped' });
    const identify: Identify = () => async () => ({ state: 'known', inputs: 'same' });
    const vouched = { ...named, predictionId: 'prediction-1', identify };
    expect(await settle(action(), 'keynote/de', vouched)).toMatchObject({ identified: 'same', state: 'processing' });
    expect((await batch.run()).exit).toBe(0);
    expect(job().attempts).toMatchObject([{ state: 'completed', predictionId: 'prediction-1' }]);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('cannot be named where its reply has told its prediction', async () => {
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    await batch.run(stopOnceAccepted());
    const named = { kind: 'prediction' as const, predictionId: 'another', referenceFor, identify: null };
    await expect(settle(action(), 'keynote/de', named)).rejects.toMatchObject({ code: 'SETTLE_NOT_POSSIBLE' });
  });

  it('can be given up twice: the second time changes nothing', async () => {
    await loseTheReply();
    for (let again = 0; again < 2; again += 1) await settle(action(), 'keynote/de', { kind: 'abandon' });
    expect(job().state).toBe('canceled');
    expect(costTotals([job()]).atRiskMicros).toBe(150_000);
  });

  it('is left alone by `retry` without the word', async () => {
    await loseTheReply();
    expect((await retry(action(), { only: () => true, uncertain: false })).again).toEqual([]);
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
    await settle(action(), 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor,
      identify: null,
    });
    expect((await batch.run({}, edited)).exit).toBe(0);
    expect(job().state).toBe('succeeded');
    await batch.run({}, edited);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
    expect(batch.scripted.starts).toHaveLength(1);
    await batch.run({ remake: true }, edited);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('cannot be settled with a prediction that another job owns', async () => {
    await batch.run({}, batch.plan(['fr']));
    await loseTheReply(batch.plan(['fr', 'de']));
    const settlement = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await expect(settle(action(), 'keynote/de', settlement)).rejects.toMatchObject({ code: 'SETTLE_NOT_POSSIBLE' });
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
    expect(job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
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
    expect(job()).toMatchObject({
      state: 'held',
      reason: expect.stringMatching(/nobody knows whether it was bought.*\(\$0\.15 at risk\)$/),
      mend: 'localize settle manifest.yaml keynote/de --prediction prediction-1 | --not-bought | --abandon',
    });
  });

  it('is bought again once under `on_uncertain: absent`, when the list lacks it beyond its lag', async () => {
    const plan = batch.plan(['de'], { onUncertain: 'absent' });
    batch.scripted.nextStarts.push('uncertain', 'uncertain', 'uncertain');
    await batch.run({ outageBackoff: { firstMs: 10, maximumMs: 10 } }, plan);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
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
