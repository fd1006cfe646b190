import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BudgetCap, Provider, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boughtUnderFormerNames, foreseeRun, readSnapshot, retry, settle } from '../src/index.js';
import { capSpending, spentUnder } from '../src/store/money/spending.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { leaveOpenIn, oneSlotPlan } from '../testing/one-slot-batches.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const planOf = (name: string, languages: readonly string[]) => oneSlotPlan(batch, name, languages);
const leaveOpen = (name: string, clock: SkippingClock) => leaveOpenIn(batch, name, clock);

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
    expect(boughtUnderFormerNames(batch.store, planOf('summer', ['de']), join(batch.dir, 'manifest.yaml'))).toEqual([]);
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
    const settled = `localize settle ${join(batch.dir, 'manifest.yaml')} keynote/de --prediction <its id at acme> | --not-bought | --charged <what it cost in USD> | --abandon`;
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

    const warned = () =>
      batch.events.flatMap((event) =>
        event.type === 'problem' && event.message.includes('not count that') ? [event.message] : [],
      );
    const notesOf = async (plan: WholePlan) => {
      const { caps } = plan.budget;
      const manifestPath = join(batch.dir, 'manifest.yaml');
      return (await foreseeRun(batch.store, plan, { caps, wanted: () => true, manifestPath, nowMs: 0 })).notes;
    };

    it('nothing of jobs that were edited as it was renamed, and says so before it buys', async () => {
      await batch.run({}, planOf('winter', ['de', 'fr']));
      const edited = withPrompt(capped(planOf('summer', ['de', 'ja']), 300_000), 'other');
      const words =
        'as batch winter, this manifest spent $0.15 on 1 job that it asks for differently by now, and budget.max_usd does not count that: if summer is the same batch, name it winter again, or lower the budget by as much';
      expect(await notesOf(edited)).toEqual([words]);
      const first = { ...edited, jobs: edited.jobs.slice(0, 1) };
      expect((await batch.run({}, first)).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(3);
      const said = batch.events.findIndex((event) => event.type === 'problem' && event.message === words);
      const bought = batch.events.findLastIndex(({ type }) => type === 'attempt:state');
      expect(said).toBeGreaterThan(-1);
      expect(said).toBeLessThan(bought);
      // It has bought under its name by now: nobody need hear it again.
      batch.events.length = 0;
      expect(await notesOf(edited)).toEqual([]);
      expect((await batch.run({}, edited)).exit).toBe(0);
      expect(warned()).toEqual([]);
    });

    it('what was spent on the jobs that are as they were, and says it of those that were edited', async () => {
      await batch.run({}, planOf('winter', ['de', 'fr']));
      const plan = capped(planOf('summer', ['de', 'fr', 'ja']), 400_000);
      const [de, ...others] = plan.jobs;
      const [changed] = withPrompt({ ...plan, jobs: [de!] }, 'other').jobs;
      const edited = { ...plan, jobs: [changed!, ...others] };
      expect(await notesOf(edited)).toEqual([
        'the caps of the whole batch also count $0.15 that was spent on its jobs as batch winter',
        expect.stringMatching(/^as batch winter, this manifest spent \$0\.15 on 1 job that it asks for differently/),
      ]);
    });

    it('nothing of a batch that had other contents in the same manifest', async () => {
      await batch.run({}, planOf('winter', ['de']));
      const plan = withPrompt(capped(planOf('summer', ['de']), 150_000), 'other');
      const jobs = plan.jobs.map((job) => ({
        ...job,
        video: { kind: 'url' as const, url: 'https://media.example/other.mp4' },
        voices: { kind: 'one' as const, audio: { kind: 'url' as const, url: 'https://media.example/other.mp3' } },
      }));
      expect(await notesOf({ ...plan, jobs })).toEqual([]);
      expect((await batch.run({}, { ...plan, jobs })).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
      expect(warned()).toEqual([]);
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
