import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BudgetCap, Provider, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  boughtUnderFormerNames,
  foreseeRun,
  type LaneQuery,
  type RunEvent,
  readLanes,
  readSnapshot,
  retry,
  settle,
} from '../src/index.js';
import { capSpending, spentUnder } from '../src/store/spending.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

/** One slot, so that a run must wait for the other batch's prediction. */
function planOf(name: string, languages: readonly string[]): WholePlan {
  const plan = batch.plan(languages, { batch: name });
  const limits = { creates: 100, perMs: 60_000, concurrent: 1 };
  return { ...plan, providers: { acme: { ...plan.providers.acme!, limits } } };
}

/** Leaves a prediction of a batch open, as a run that was interrupted does. */
async function leaveOpen(name: string, clock: SkippingClock): Promise<void> {
  const stop = new AbortController();
  const { starts, statuses, provider } = batch.scripted;
  const stopping: Provider = {
    ...provider,
    start: async (...call) => {
      statuses.set(`prediction-${starts.length + 1}`, { state: 'pending', phase: 'running' });
      const result = await provider.start(...call);
      stop.abort();
      return result;
    },
  };
  await batch.run({ clock, providers: new Map([['acme', stopping]]), stop: stop.signal }, planOf(name, ['de']));
}

describe('a run beside an interrupted batch', () => {
  it('polls its prediction for the slot, writes down what became of it, and tells of its own jobs only', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    const { events, scripted } = batch;
    events.length = 0;
    scripted.statuses.delete('prediction-1');
    await batch.run({ clock }, planOf('summer', ['fr']));

    const told = events.flatMap((event) =>
      event.type === 'job:state' || event.type === 'attempt:state' ? [event.key] : [],
    );
    expect(new Set(told)).toEqual(new Set(['keynote/fr']));
    const other = batch.store.sqlite
      .prepare(
        `SELECT j.state AS job, a.state AS attempt,
           (SELECT count(*) FROM history h WHERE h.attempt_id = a.id AND json_extract(h.data, '$.to') = 'completed') AS noted
         FROM jobs j JOIN attempts a ON a.id = j.attempt_id JOIN batches b ON b.id = j.batch_id WHERE b.name = 'winter'`,
      )
      .get();
    expect(other).toEqual({ job: 'downloading', attempt: 'completed', noted: 1 });
  });

  it('leaves the place that was taken in the snapshot of the batch that waited, and in no other', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    batch.scripted.statuses.delete('prediction-1');
    await batch.run({ clock }, planOf('summer', ['fr']));
    const about = { manifest: 'manifest.yaml', emulated: false, nowMs: clock.nowMs() };
    const places = (name: string) => readSnapshot(batch.store, { ...about, batch: name })?.lanes[0]?.elsewhere;
    expect(places('summer')).toHaveLength(1);
    const [fromMs = 0, slotEndMs = 0, windowEndMs = 0] = places('summer')?.[0] ?? [];
    expect(slotEndMs).toBeGreaterThan(fromMs);
    expect(windowEndMs - fromMs).toBeGreaterThanOrEqual(60_000);
    expect(places('winter')).toBeUndefined();
  });

  it('names the batch of a request that is not about its own jobs', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    const { events, scripted } = batch;
    events.length = 0;
    scripted.statuses.delete('prediction-1');
    const record = { method: 'GET', url: 'https://api.acme.example/1', status: 200, ms: 1, requestId: null, body: '' };
    const { provider } = scripted;
    const logging: Provider = {
      ...provider,
      status: (route, reference, call) => {
        call.onExchange?.(record);
        return provider.status(route, reference, call);
      },
    };
    await batch.run({ clock, providers: new Map([['acme', logging]]) }, planOf('summer', ['fr']));
    const requests = events.filter((event): event is Extract<RunEvent, { type: 'exchange' }> => {
      return event.type === 'exchange' && event.url === record.url;
    });
    expect(new Set(requests.map(({ key, batch: other }) => `${other ?? 'own'} ${key}`))).toEqual(
      new Set(['winter keynote/de', 'own keynote/fr']),
    );
  });
});

describe('a batch that was renamed while its jobs were under way', () => {
  const snapshotOf = (name: string, clock: SkippingClock) =>
    readSnapshot(batch.store, { batch: name, manifest: 'manifest.yaml', emulated: false, nowMs: clock.nowMs() });
  const jobs = (name: string, clock: SkippingClock) => snapshotOf(name, clock)?.jobs;

  it('takes the result of what was bought under its old name, and buys nothing', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    batch.scripted.statuses.delete('prediction-1');
    batch.events.length = 0;
    expect(await batch.run({ clock }, planOf('summer', ['de']))).toMatchObject({ why: 'finished', exit: 0 });
    const message = expect.stringMatching(
      /^as batch winter, this manifest bought 1 job that is not finished \(\$0\.15\)/,
    );
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'problem', message }));
    expect(boughtUnderFormerNames(batch.store, join(batch.dir, 'manifest.yaml'), 'summer')).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(1);
    const [made] = jobs('summer', clock) ?? [];
    expect(made).toMatchObject({ state: 'succeeded', output: expect.stringContaining('localized/summer') });
    expect(existsSync(made?.output ?? '')).toBe(true);
  });

  it('fetches what had completed under its old name and was never fetched', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    batch.scripted.statuses.delete('prediction-1');
    await batch.run({ clock }, planOf('summer', ['fr']));
    expect(jobs('winter', clock)).toMatchObject([{ state: 'downloading' }]);
    expect((await batch.run({ clock }, planOf('summer', ['fr', 'de']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('waits for what may have been bought under its old name: held by name, and taken once the list shows it', async () => {
    const clock = new SkippingClock();
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ clock }, planOf('winter', ['de']));
    expect(await batch.run({ clock }, planOf('summer', ['de']))).toMatchObject({ why: 'finished', exit: 1 });
    expect(jobs('summer', clock)).toMatchObject([{ state: 'held', holdReason: 'twin', attempts: [] }]);
    const held = batch.events.findLast((event) => event.type === 'job:state' && event.to === 'held');
    const settled = `localize settle ${join(batch.dir, 'manifest.yaml')} keynote/de --prediction <its id at acme> | --not-bought | --abandon`;
    expect(held).toMatchObject({ failure: { message: expect.stringContaining(settled) } });
    expect(jobs('summer', clock)?.[0]).toMatchObject({
      reason: expect.stringMatching(
        /^as batch winter, the create was sent but its reply was lost, .*\(\$0\.15 at risk\)$/,
      ),
      mend: expect.stringMatching(/^localize settle manifest\.yaml keynote\/de .* --not-bought/),
    });
    const prediction = { predictionId: 'prediction-1', reference: { id: 'prediction-1' }, status: 'running' };
    const candidate = { ...prediction, createdAtMs: clock.nowMs(), isTimely: true, inputs: 'same' } as const;
    batch.scripted.found.result = { state: 'listed', candidates: [candidate] };
    expect((await batch.run({ clock }, planOf('summer', ['de']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  describe('and of which a run was cut short while it waited', () => {
    const action = (clock: SkippingClock) => ({ store: batch.store, clock, batch: 'summer', host: 'test' });
    /** As a killed run, or one that was stopped, leaves it. */
    const cutShort = async (clock: SkippingClock) => {
      batch.scripted.nextStarts.push('uncertain');
      await batch.run({ clock }, planOf('winter', ['de']));
      await batch.run({ clock }, planOf('summer', ['de']));
      batch.store.sqlite
        .prepare(`UPDATE jobs SET state = 'pending', hold_reason = NULL, failure = NULL WHERE hold_reason = 'twin'`)
        .run();
    };

    it('says what it waits for, and lets that be settled', async () => {
      const clock = new SkippingClock();
      await cutShort(clock);
      expect(jobs('summer', clock)?.[0]).toMatchObject({
        state: 'pending',
        reason: expect.stringMatching(/^as batch winter, the create was sent but its reply was lost, .* at risk\)$/),
        mend: expect.stringMatching(/^localize settle manifest\.yaml keynote\/de .* --not-bought/),
      });
      await settle(action(clock), 'keynote/de', { kind: 'not-bought' });
      expect(jobs('summer', clock)?.[0]).toMatchObject({ reason: null, mend: null });
      expect((await batch.run({ clock }, planOf('summer', ['de']))).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    });

    it('is bought again only once the user has given up the first', async () => {
      const clock = new SkippingClock();
      await cutShort(clock);
      const all = () => true;
      expect(await retry(action(clock), { only: all, uncertain: false })).toMatchObject({ unsettled: ['keynote/de'] });
      await batch.run({ clock }, planOf('summer', ['de']));
      expect(batch.scripted.starts).toHaveLength(1);
      expect(await retry(action(clock), { only: all, uncertain: true })).toMatchObject({ again: ['keynote/de'] });
      expect((await batch.run({ clock }, planOf('summer', ['de']))).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    });

    it('waits for nothing once the manifest asks for something else', async () => {
      const clock = new SkippingClock();
      await cutShort(clock);
      batch.store.sqlite
        .prepare(
          `UPDATE jobs SET planned = json_set(planned, '$.choices[0].input.prompt', 'other') WHERE state = 'pending'`,
        )
        .run();
      expect(jobs('summer', clock)?.[0]).toMatchObject({ reason: null, mend: null });
    });
  });

  it('settles under its new name what may have been bought under the old one, and counts it once', async () => {
    const clock = new SkippingClock();
    const action = { store: batch.store, clock, batch: 'summer', host: 'test' };
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ clock }, planOf('winter', ['de']));
    await batch.run({ clock }, planOf('summer', ['de']));
    expect(snapshotOf('summer', clock)?.warnings).toEqual([expect.stringMatching(/^as batch winter, .* \(\$0\.15\)/)]);
    await settle(action, 'keynote/de', {
      kind: 'prediction',
      predictionId: 'prediction-1',
      referenceFor: (_route, id) => ({ id }),
      identify: null,
    });
    expect((await batch.run({ clock }, planOf('summer', ['de']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(snapshotOf('summer', clock)?.warnings).toEqual([]);
    const cap = { name: 'day', scope: { kind: 'all' }, period: 'day', micros: 0 } as const;
    const spent = capSpending(batch.store, cap, { batchId: 1, runId: null, wallMs: clock.wallMs() });
    expect(spent).toEqual({ billedMicros: 150_000, inFlightMicros: 0, atRiskMicros: 0, unpricedAttempts: 0 });
  });

  it('buys once more what the user gave up under its old name, whatever it is renamed to from then on', async () => {
    const clock = new SkippingClock();
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ clock }, planOf('winter', ['de']));
    await settle({ store: batch.store, clock, batch: 'winter', host: 'test' }, 'keynote/de', { kind: 'abandon' });
    expect((await batch.run({ clock }, planOf('winter', ['de']))).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    for (const name of ['summer', 'autumn', 'winter']) await batch.run({ clock }, planOf(name, ['de']));
    expect(batch.scripted.starts).toHaveLength(2);
    expect(jobs('winter', clock)).toMatchObject([{ state: 'canceled' }]);
    expect(jobs('autumn', clock)).toMatchObject([{ state: 'succeeded' }]);
  });

  describe('has under the caps of its whole life', () => {
    const capOf = (micros: number, period: BudgetCap['period'] = 'batch'): BudgetCap => ({
      name: 'budget.max_usd',
      scope: { kind: 'all' },
      period,
      micros,
    });
    const capped = (plan: WholePlan, micros: number): WholePlan => ({
      ...plan,
      budget: { caps: [capOf(micros)], marginPercent: 0, confirmAboveMicros: 0 },
    });
    const spentAs = (name: string, cap: BudgetCap) =>
      spentUnder(batch.store, [cap], { batch: name, runId: null, wallMs: Date.now() })[0];
    const billed = (billedMicros: number) => ({
      billedMicros,
      inFlightMicros: 0,
      atRiskMicros: 0,
      unpricedAttempts: 0,
    });

    it('what was spent under its old name, as the plan says, and a day has it once', async () => {
      expect((await batch.run({}, planOf('winter', ['de', 'fr']))).exit).toBe(0);
      const plan = (micros: number) => capped(planOf('summer', ['ja', 'de', 'fr']), micros);
      const foreseen = await foreseeRun(batch.store, plan(400_000), {
        caps: [capOf(400_000)],
        wanted: () => true,
        manifestPath: join(batch.dir, 'manifest.yaml'),
        nowMs: Date.now(),
      });
      expect([...foreseen.waiting.keys()]).toEqual(['keynote/ja']);
      const words = 'the caps of the whole batch also count $0.30 that was spent on its jobs as batch winter';
      expect(foreseen.notes).toEqual([words]);
      expect(await batch.run({}, plan(400_000))).toMatchObject({ why: 'budget', exit: 3 });
      expect(batch.scripted.starts).toHaveLength(2);
      expect(await batch.run({}, plan(450_000))).toMatchObject({ exit: 0 });
      expect(spentAs('summer', capOf(0))).toEqual(billed(450_000));
      expect(spentAs('winter', capOf(0))).toEqual(billed(300_000));
      expect(spentAs('summer', capOf(0, 'day'))).toEqual(billed(450_000));
      const summer = readSnapshot(batch.store, { batch: 'summer', manifest: 'm.yaml', emulated: false, nowMs: 0 });
      expect(budgeted(batch.store, summer!, plan(450_000)).warnings).toContain(words);
      expect(budgeted(batch.store, summer!, plan(450_000)).budget).toMatchObject([{ spentMicros: 450_000 }]);
      // And back again: what both names spent.
      await batch.run({}, capped(planOf('winter', ['ja', 'de', 'fr']), 900_000));
      expect(spentAs('winter', capOf(0))).toEqual(billed(450_000));
    });

    const metCaps = () => batch.events.flatMap((event) => (event.type === 'budget:met' ? [event.cap] : []));
    const stateOf = (language: string, clock: SkippingClock) =>
      jobs('summer', clock)?.find((job) => job.language === language)?.state;

    it('no need of room for what is open under its old name: that is followed, and its result taken', async () => {
      const clock = new SkippingClock();
      await leaveOpen('winter', clock);
      const { scripted } = batch;
      const summer = capped(planOf('summer', ['de', 'fr']), 200_000);
      // Each look finds it as it is by then.
      let looks = 0;
      const slow: Provider = {
        ...scripted.provider,
        status: async (...call) => {
          looks += 1;
          if (looks === 3) scripted.statuses.delete('prediction-1');
          return scripted.provider.status(...call);
        },
      };
      const providers = new Map([['acme', slow]]);
      expect(await batch.run({ clock, providers }, summer)).toMatchObject({ why: 'budget', exit: 3 });
      expect(looks).toBe(3);
      expect(scripted.starts).toHaveLength(1);
      expect([stateOf('de', clock), stateOf('fr', clock)]).toEqual(['succeeded', 'pending']);
      expect(metCaps()).toEqual(['budget.max_usd']);
    });

    it.each([
      ['open', ['de', 'fr']],
      ['not yet fetched', ['de']],
    ])('no need of creates for what is %s under its old name', async (_, languages) => {
      const clock = new SkippingClock();
      await leaveOpen('winter', clock);
      batch.scripted.statuses.delete('prediction-1');
      // A batch that waits for the slot follows it, and does not fetch it.
      if (languages.length === 1) await batch.run({ clock }, planOf('spring', ['fr']));
      const bought = batch.scripted.starts.length;
      const endCreates = AbortSignal.abort();
      await batch.run({ clock, endCreates }, planOf('summer', languages));
      expect(stateOf('de', clock)).toBe('succeeded');
      expect(batch.scripted.starts).toHaveLength(bought);
    });

    it('no need of room for what it has on disk, and none of them is said to be met', async () => {
      await batch.run({}, planOf('winter', ['de', 'fr']));
      const plan = planOf('summer', ['de', 'fr']);
      const german = { ...capOf(150_000), name: 'budget.languages.de.max_usd' };
      const caps = [{ ...german, scope: { kind: 'language', language: 'de' } } as const];
      const summer = { ...plan, budget: { caps, marginPercent: 0, confirmAboveMicros: 0 } };
      expect(await batch.run({}, summer)).toMatchObject({ why: 'finished', exit: 0 });
      expect(metCaps()).toEqual([]);
      expect(batch.scripted.starts).toHaveLength(2);
    });

    it('what may have been charged under it, by language and label as they are now, until it is settled', async () => {
      const clock = new SkippingClock();
      batch.scripted.nextStarts.push('uncertain');
      await batch.run({ clock }, planOf('winter', ['de']));
      const renamed = capped(planOf('summer', ['de']), 900_000);
      const jobs = renamed.jobs.map((job) => ({ ...job, labels: { team: 'hr' } }));
      expect((await batch.run({ clock }, { ...renamed, jobs })).exit).toBe(1);
      const atRisk = { billedMicros: 0, inFlightMicros: 0, atRiskMicros: 150_000, unpricedAttempts: 0 };
      const german = { ...capOf(0), scope: { kind: 'language', language: 'de' } } as const;
      const labelled = { ...capOf(0), scope: { kind: 'label', label: 'team', value: 'hr' } } as const;
      expect(spentAs('summer', german)).toEqual(atRisk);
      expect(spentAs('summer', labelled)).toEqual(atRisk);
      const action = { store: batch.store, clock, batch: 'summer', host: 'test' };
      await settle(action, 'keynote/de', { kind: 'not-bought' });
      expect(spentAs('summer', german)).toEqual(billed(0));
    });

    it('nothing of a batch that had other contents in the same manifest', async () => {
      await batch.run({}, planOf('winter', ['de']));
      expect((await batch.run({}, withPrompt(capped(planOf('summer', ['de']), 150_000), 'other'))).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    });
  });

  it('has its results also where a video was renamed', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    batch.scripted.statuses.delete('prediction-1');
    const plan = planOf('winter', ['de']);
    const names = { key: 'intro/de', videoId: 'intro', output: 'intro/intro.de.mp4' };
    const renamed = { ...plan, jobs: [...plan.jobs].map((job) => ({ ...job, ...names })) };
    expect((await batch.run({ clock }, renamed)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(jobs('winter', clock)?.find(({ key }) => key === 'intro/de')).toMatchObject({ state: 'succeeded' });
  });

  it('buys what failed under its old name', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    const failure = { kind: 'provider', message: 'it broke' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'failed', failure, canceled: false, costMicros: null });
    expect((await batch.run({ clock }, planOf('summer', ['de']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a run of some jobs beside open predictions of the others', () => {
  it('polls these for their slot, saves what is paid for, and tells of its own jobs only', async () => {
    const clock = new SkippingClock();
    await leaveOpen('spring', clock);
    const { events, scripted } = batch;
    events.length = 0;
    const startedAt = clock.nowMs();
    scripted.statuses.delete('prediction-1');
    const { exit } = await batch.run({ clock, only: (key) => key === 'keynote/fr' }, planOf('spring', ['de', 'fr']));
    expect(exit).toBe(0);
    // The slot is free as soon as its prediction is seen to have ended, long before the route's timeout.
    expect(clock.nowMs() - startedAt).toBeLessThan(30_000);
    expect(batch.snapshot().jobs.map(({ key, state }) => [key, state])).toEqual([
      ['keynote/de', 'succeeded'],
      ['keynote/fr', 'succeeded'],
    ]);
    // The log has every request.
    const told = events.flatMap((event) => ('key' in event && event.type !== 'exchange' ? [event.key] : []));
    expect(new Set(told)).toEqual(new Set(['keynote/fr']));
  });
});

it('fetches what was not selected, and makes none of it again', async () => {
  const clock = new SkippingClock();
  await leaveOpen('spring', clock);
  batch.scripted.statuses.delete('prediction-1');
  const plan = planOf('spring', ['de', 'fr']);
  const only = (key: string) => key === 'keynote/fr';
  expect((await batch.run({ clock, only, remake: true }, withPrompt(plan, 'new words'))).exit).toBe(0);
  expect(batch.scripted.starts).toHaveLength(2);
});

it('tells at its start what an earlier run has left on its way', async () => {
  const clock = new SkippingClock();
  await leaveOpen('spring', clock);
  const { events, scripted } = batch;
  events.length = 0;
  scripted.statuses.delete('prediction-1');
  await batch.run({ clock }, planOf('spring', ['de', 'fr']));
  const started = events.find(({ type }) => type === 'run:started');
  expect(started).toMatchObject({ underWay: [{ key: 'keynote/de', state: 'processing', provider: 'acme' }] });
});

describe('lanes of a run that has selected some jobs', () => {
  it('count only those as waiting', async () => {
    const clock = new SkippingClock();
    const plan = planOf('spring', ['de', 'fr', 'ja', 'pt']);
    const waiting: number[][] = [];
    const look = (query: Partial<LaneQuery>) =>
      readLanes(batch.store, { nowMs: clock.nowMs(), batch: 'spring', ...query })[0]?.waitingJobs ?? -1;
    await batch.run(
      {
        clock,
        only: (key) => key !== 'keynote/ja' && key !== 'keynote/pt',
        onEvent: ({ type }) => {
          if (type === 'run:started' || type === 'run:ended') waiting.push([look({ selected: true }), look({})]);
        },
      },
      plan,
    );
    expect(waiting).toEqual([
      [2, 4],
      [0, 2],
    ]);
  });
});
