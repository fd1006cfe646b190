import { join } from 'node:path';
import {
  type BudgetCap,
  estimatePrice,
  type PlannedJob,
  type PriceFormula,
  type WholePlan,
  waitMend,
  withMargin,
} from '@localize/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, openStore, readLanes, readSnapshot, retry } from '../src/index.js';
import { attempts } from '../src/store/schema.js';
import { capSpending } from '../src/store/spending.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { scriptedRoute } from '../testing/scripted-provider.js';
import { withSecondProvider } from '../testing/second-provider.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja']);
});
afterEach(() => batch.close());

type Scope = BudgetCap['scope'];
const cap = (scope: Scope, micros: number, period: BudgetCap['period'] = 'batch'): BudgetCap => ({
  name: `budget.${scope.kind}.${period}`,
  scope,
  period,
  micros,
});
const budgetOf = (caps: BudgetCap[], marginPercent = 0) => ({ caps, marginPercent, confirmAboveMicros: 0 });
const snapshot = (plan: WholePlan) => budgeted(batch.store, batch.snapshot(), plan);
const jobOf = (plan: WholePlan, key: string) => snapshot(plan).jobs.find((job) => job.key === key)!;
const problems = () =>
  batch.events.flatMap((event) => (event.type === 'problem' || event.type === 'budget:met' ? [event.message] : []));

const source = { kind: 'assumed', text: 'test', date: '2026-01-01' } as const;

/** The fixture's plan at another price. */
function priced(price: PriceFormula, languages: readonly string[], changes: Partial<WholePlan> = {}): WholePlan {
  const estimate = estimatePrice(price, { billedMs: 5_000, resolution: '480p', frames: null });
  const plan = batch.plan(languages, changes);
  const jobs = plan.jobs.map((job) => ({ ...job, choices: job.choices.map((choice) => ({ ...choice, estimate })) }));
  return { ...plan, jobs, prices: { [scriptedRoute.id]: price } };
}

describe('a cap', () => {
  it('of one language leaves the others alone, and the job waits for money by name', async () => {
    const budget = budgetOf([cap({ kind: 'language', language: 'fr' }, 100_000)]);
    const plan = batch.plan(['de', 'fr', 'ja'], { budget });
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(2);
    expect(jobOf(plan, 'keynote/fr')).toMatchObject({
      state: 'pending',
      waitsForMoney: { neededMicros: 150_000, caps: ['budget.language.batch'] },
    });
    expect(snapshot(plan).budget).toMatchObject([
      { spentMicros: 0, leftMicros: 100_000, waitingJobs: 1, shortMicros: 50_000 },
    ]);
    const met = batch.events.filter(({ type }) => type === 'budget:met');
    expect(met).toMatchObject([{ cap: 'budget.language.batch', message: expect.stringContaining('is met') }]);
  });

  it('of one label counts the jobs that have it, and is raised by editing the manifest', async () => {
    const labelled = (job: PlannedJob, course: string) => ({ ...job, labels: { course } });
    const jobs = batch.plan(['de', 'fr', 'ja']).jobs.map((job, index) => labelled(job, index < 2 ? 'a' : 'b'));
    const scope = { kind: 'label', label: 'course', value: 'a' } as const;
    const plan = batch.plan([], { jobs, budget: budgetOf([cap(scope, 150_000)]) });
    expect((await batch.run({}, plan)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(2);
    const raised = { ...plan, budget: budgetOf([cap(scope, 300_000)]) };
    expect((await batch.run({}, raised)).exit).toBe(0);
    expect(snapshot(raised).budget).toMatchObject([{ billedMicros: 300_000, leftMicros: 0, waitingJobs: 0 }]);
  });

  it('counts a track that is longer than stated at what a provider bills for it', async () => {
    const measured = { micros: 270_000, certainty: 'exact', billedSeconds: 9 } as const;
    const jobs = batch.plan(['de', 'fr']).jobs.map(({ choices: [choice], ...job }) => ({
      ...job,
      choices: [{ ...choice!, measured }],
    }));
    const plan = batch.plan([], { jobs, budget: budgetOf([cap({ kind: 'all' }, 300_000)]) });
    expect((await batch.run({}, plan)).exit).toBe(3);
    expect(batch.store.db.select().from(attempts).all()).toMatchObject([
      { estimateMicros: 270_000, reservedMicros: 270_000, billedMicros: 270_000, costSource: 'price' },
    ]);
    expect(jobOf(plan, 'keynote/fr').waitsForMoney).toMatchObject({ neededMicros: 270_000 });
  });

  it('of one provider sends jobs on to the next route that they may take', async () => {
    const { plan, overrides, starts } = withSecondProvider(batch, ['de', 'fr', 'ja']);
    const budget = budgetOf([cap({ kind: 'provider', provider: 'acme' }, 150_000)]);
    expect(await batch.run(overrides, { ...plan, budget })).toMatchObject({ why: 'finished', exit: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
    expect(starts).toHaveLength(2);
    expect(batch.snapshot().jobs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('on a run counts what that run newly spends, and the next run starts over', async () => {
    const plan = batch.plan(['de', 'fr', 'ja']);
    expect((await batch.run({ maxMicros: 150_000 }, plan)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(snapshot(plan).budget).toMatchObject([{ name: '--max-usd', billedMicros: 150_000, waitingJobs: 2 }]);
    expect((await batch.run({ maxMicros: 300_000 }, plan)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('keeps abandoned creates at risk, also after a restart', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const budget = budgetOf([cap({ kind: 'all' }, 300_000)]);
    const plan = batch.plan(['de', 'fr', 'ja'], { budget });
    expect((await batch.run({}, plan)).exit).toBe(3);
    expect(snapshot(plan).budget).toMatchObject([{ billedMicros: 150_000, atRiskMicros: 150_000, leftMicros: 0 }]);
    await retry(
      {
        store: batch.store,
        batch: 'spring',
        clock: { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined },
        host: 'test',
      },
      { only: () => true, uncertain: true },
    );
    batch.reopen();
    expect((await batch.run({}, plan)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a route of which only a floor price is known', () => {
  const floor: PriceFormula = { kind: 'floor', micros: 170_000, source };

  it('sends one create until its reply says the price, then reserves at the price a second that was seen', async () => {
    const openGate = closeGate();
    batch.scripted.nextPrices.push(400_000, 400_000, 400_000);
    const budget = budgetOf([cap({ kind: 'all' }, 900_000)]);
    const plan = priced(floor, ['de', 'fr', 'ja'], { budget });
    const running = batch.run({}, plan);
    await expect.poll(() => batch.scripted.starts.length).toBe(1);
    // The loop has had its chance: jobs are staged, and nothing else leaves.
    await expect.poll(() => batch.snapshot().jobs.filter(({ state }) => state === 'staging').length).toBe(2);
    expect(batch.scripted.starts).toHaveLength(1);
    const lanes = (isCapped: boolean) =>
      readLanes(batch.store, { nowMs: bootClock(batch.store).nowMs(), batch: 'spring', isCapped });
    expect([lanes(true)[0]!.wait, lanes(false)[0]!.wait]).toEqual([{ for: 'price' }, { for: 'job' }]);
    openGate();
    // 400 + 400 leave 100, and the floor of 170 would have fitted a third time if it had been believed.
    expect(await running).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(2);
    const [first, second] = batch.store.db.select().from(attempts).all();
    expect(first).toMatchObject({ estimateMicros: 170_000, reservedMicros: null });
    expect(second).toMatchObject({ estimateMicros: 400_000, reservedMicros: 400_000 });
    const waiting = batch.snapshot().jobs.filter(({ state }) => state === 'pending' || state === 'staging');
    expect(waiting.map(({ estimateMicros }) => estimateMicros)).toEqual([400_000]);
  });

  it('keeps waiting only the jobs whose price is not known: those of the provider’s other routes go on', async () => {
    const openGate = closeGate();
    const languages = Array.from({ length: 40 }, (_, index) => `x-${String(index).padStart(2, '0')}`);
    const other = 'acme/mouths';
    const known = ['x-05', 'x-38', 'x-39'].map((language) => `keynote/${language}`);
    const plan = priced(floor, languages, { budget: budgetOf([cap({ kind: 'all' }, 100_000_000)]) });
    const { estimate } = batch.plan(['de']).jobs[0]!.choices[0]!;
    const jobs = plan.jobs.map((job) => {
      if (!known.includes(job.key)) return job;
      return { ...job, choices: job.choices.map((choice) => ({ ...choice, route: other, estimate })) };
    });
    const catalogue = { ...batch.scripted.catalogue, routes: [scriptedRoute, { ...scriptedRoute, id: other }] };
    batch.scripted.nextPrices.push(...languages.map(() => 200_000));
    const running = batch.run(
      { catalogue },
      { ...plan, jobs, prices: { ...plan.prices, [other]: scriptedRoute.price } },
    );
    await expect.poll(() => batch.scripted.starts.length).toBe(4);
    const bought = batch.snapshot().jobs.filter(({ attempts }) => attempts.length > 0);
    expect(bought.map(({ key }) => key)).toEqual(['keynote/x-00', ...known]);
    openGate();
    expect((await running).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(40);
  });

  it('is waited for by another process, too', async () => {
    const openGate = closeGate();
    batch.scripted.nextPrices.push(200_000, 200_000, 200_000);
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const first = batch.run({}, priced(floor, ['de'], { budget }));
    await expect.poll(() => batch.scripted.starts.length).toBe(1);
    const store = openStore(batch.store.path);
    const manifestPath = join(batch.dir, 'autumn.yaml');
    const second = batch.run({ store, manifestPath }, priced(floor, ['fr', 'ja'], { budget, batch: 'autumn' }));
    await expect
      .poll(() => readLanes(store, { nowMs: bootClock(store).nowMs(), batch: 'autumn', isCapped: true })[0]?.wait)
      .toEqual({
        for: 'price',
      });
    expect(batch.scripted.starts).toHaveLength(1);
    openGate();
    expect([(await first).exit, (await second).exit]).toEqual([0, 0]);
    store.close();
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('sends no second create while the reply of the first is lost, and says who can settle that', async () => {
    batch.scripted.nextStarts.push('uncertain');
    batch.scripted.nextPrices.push(400_000, 400_000);
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const plan = priced(floor, ['de', 'fr', 'ja'], { budget });
    const settle = 'localize settle manifest.yaml keynote/de --prediction <its id at acme> | --not-bought | --abandon';
    expect((await batch.run({ ...overrides, only: (key) => key !== 'keynote/ja' }, plan)).exit).toBe(1);
    const reason = expect.stringContaining('the reply to keynote/de of batch spring, which was to tell its price');
    expect(jobOf(plan, 'keynote/fr')).toMatchObject({ state: 'held', holdReason: 'price-lost', reason, mend: settle });
    expect(jobOf(plan, 'keynote/ja')).toMatchObject({ state: 'pending', reason, mend: settle });
    const other = priced(floor, ['fr'], { budget, batch: 'autumn' });
    const elsewhere = batch.run({ ...overrides, manifestPath: join(batch.dir, 'autumn.yaml') }, other);
    expect((await elsewhere).exit).toBe(1);
    const seen = readSnapshot(batch.store, { batch: 'autumn', manifest: 'a.yaml', emulated: false, nowMs: 0 });
    const elsewhereSettle = settle.replace('manifest.yaml', join(batch.dir, 'manifest.yaml'));
    expect(seen?.jobs).toMatchObject([{ state: 'held', holdReason: 'price-lost', reason, mend: elsewhereSettle }]);
    expect(batch.scripted.starts).toHaveLength(1);
    const { store } = batch;
    const actions = {
      store,
      batch: 'spring',
      clock: { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined },
      host: 'test',
    };
    await retry(actions, { only: () => true, uncertain: true });
    expect((await batch.run({}, plan)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(4);
  });

  it('remembers the price over a restart, and closes when a bill passes what was reserved', async () => {
    batch.scripted.nextPrices.push(200_000, 350_000);
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    expect((await batch.run({}, priced(floor, ['de'], { budget }))).exit).toBe(0);
    batch.reopen();
    const acme = { ...batch.plan([]).providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 1 } };
    const plan = priced(floor, ['de', 'fr', 'ja'], { budget, providers: { acme } });
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(jobOf(plan, 'keynote/ja')).toMatchObject({
      state: 'held',
      holdReason: 'price-risen',
      reason: expect.stringContaining('it billed $0.35 for keynote/fr of batch spring, for which $0.20 was reserved'),
    });
    expect(problems().filter((message) => message.includes('takes no further creates'))).toHaveLength(1);
    // Still closed in the next run; the user's word opens it, and the higher price is reserved from then on.
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(2);
    await retry(
      {
        store: batch.store,
        batch: 'spring',
        clock: { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined },
        host: 'test',
      },
      { only: () => true, uncertain: false },
    );
    batch.scripted.nextPrices.push(350_000);
    expect((await batch.run({}, plan)).exit).toBe(0);
    expect(batch.store.db.select().from(attempts).all().at(-1)).toMatchObject({ reservedMicros: 350_000 });
  });

  it('opens again when the manifest sets its price', async () => {
    batch.scripted.nextPrices.push(200_000, 350_000);
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    await batch.run({}, priced(floor, ['de'], { budget }));
    await batch.run({}, priced(floor, ['de', 'fr'], { budget }));
    const repriced = priced({ kind: 'floor', micros: 350_000, source }, ['de', 'fr', 'ja'], { budget });
    batch.scripted.nextPrices.push(350_000);
    expect((await batch.run({}, repriced)).exit).toBe(0);
  });

  it('is not slowed down where no cap covers it', async () => {
    const openGate = closeGate();
    const running = batch.run({}, priced(floor, ['de', 'fr', 'ja']));
    await expect.poll(() => batch.scripted.starts.length).toBe(3);
    openGate();
    expect((await running).exit).toBe(0);
  });
});

describe('a route that says no price', () => {
  const floor: PriceFormula = { kind: 'floor', micros: 170_000, source };

  it('stops after the first create whose reply says no price', async () => {
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const plan = priced(floor, ['de', 'fr', 'ja'], { budget });
    expect((await batch.run({ only: (key) => key !== 'keynote/ja' }, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    const reason = expect.stringMatching(/without saying what it costs; set providers\.acme\.price$/);
    expect(jobOf(plan, 'keynote/fr')).toMatchObject({ state: 'held', holdReason: 'no-route', reason });
    expect(jobOf(plan, 'keynote/ja')).toMatchObject({ state: 'pending', reason });
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    // Its price is known once a reply states it, whichever batch or budget it was for.
    batch.scripted.nextPrices.push(200_000, 200_000);
    expect((await batch.run({}, priced(floor, ['de', 'fr', 'ja']))).exit).toBe(0);
  });
});

describe('what nobody has agreed to', () => {
  /** The second provider asks for more, and the first refuses the key. */
  function dearerElsewhere() {
    const { plan, overrides, starts } = withSecondProvider(batch, ['de', 'fr']);
    const dear = { micros: 400_000, certainty: 'exact', billedSeconds: 5 } as const;
    const jobs = plan.jobs.map(({ choices: [first, second], ...job }) => ({
      ...job,
      choices: [first!, { ...second!, estimate: dear }],
    }));
    batch.scripted.refusal.kind = 'auth';
    batch.scripted.nextStarts.push('refused', 'refused');
    return { plan: { ...plan, jobs }, overrides, starts };
  }

  it('is not spent on dearer routes: the job waits for a yes, and is bought with it', async () => {
    const { plan, overrides, starts } = dearerElsewhere();
    const run = await batch.run({ ...overrides, agreedMicros: 500_000 }, plan);
    expect(run).toMatchObject({ why: 'budget', exit: 3 });
    expect(starts).toHaveLength(1);
    const waiting = snapshot(plan).jobs.flatMap(({ waitsForMoney }) => waitsForMoney ?? []);
    expect(waiting).toEqual([{ neededMicros: 400_000, caps: ['the limit without --yes'] }]);
    expect(waitMend(waiting[0]!, 'manifest.yaml')).toBe('localize manifest.yaml --yes');
    batch.reopen();
    batch.scripted.nextStarts.push('refused');
    expect((await batch.run(overrides, plan)).exit).toBe(0);
    expect(starts).toHaveLength(2);
  });

  it.each([
    ['no known price', { micros: null, certainty: 'unknown', billedSeconds: null } as const],
    ['at least $0.17', { micros: 170_000, certainty: 'floor', billedSeconds: null } as const],
  ])(
    'is not spent on a route of which there is %s: the job is held, and bought with a yes',
    async (words, estimate) => {
      const { plan, overrides, starts } = dearerElsewhere();
      const jobs = plan.jobs.map(({ choices: [first, second], ...job }) => ({
        ...job,
        choices: [first!, { ...second!, estimate }],
      }));
      const open = { ...plan, jobs };
      expect((await batch.run({ ...overrides, agreedMicros: 10_000_000 }, open)).exit).toBe(1);
      expect(starts).toHaveLength(0);
      const [held] = batch.snapshot().jobs;
      expect(held).toMatchObject({
        state: 'held',
        holdReason: 'price-unagreed',
        reason: expect.stringMatching(/nobody has agreed to that: add --yes, or set providers\.globex\.price$/),
        mend: 'localize manifest.yaml --yes',
      });
      expect(held!.reason).toContain(`globex/lips ${words === 'no known price' ? 'has' : 'costs'} ${words}`);
      batch.scripted.nextStarts.push('refused', 'refused');
      expect((await batch.run(overrides, open)).exit).toBe(0);
      expect(starts).toHaveLength(2);
    },
  );

  it('is no budget: a bill above its estimate closes nothing, and the limit is no news while nothing waits', async () => {
    batch.scripted.nextPrices.push(200_000, 200_000, 200_000);
    const plan = batch.plan(['de', 'fr', 'ja']);
    expect((await batch.run({ agreedMicros: 10_000_000 }, plan)).exit).toBe(0);
    expect(snapshot(plan).budget).toBeUndefined();
    expect(snapshot(plan).warnings).toEqual([]);
  });
});

describe('an unpriced job', () => {
  it('is not bought under a cap, and says which price to set', async () => {
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const plan = priced({ kind: 'unknown', source }, ['de'], { budget });
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(0);
    expect(jobOf(plan, 'keynote/de').reason).toContain('set providers.acme.price');
  });

  it('says beside it that the key of its first route was refused', async () => {
    const { plan, overrides, starts } = withSecondProvider(batch, ['de']);
    const unknown = { micros: null, certainty: 'unknown', billedSeconds: null } as const;
    const jobs = plan.jobs.map((job) => ({
      ...job,
      choices: job.choices.map((choice) => (choice.provider === 'globex' ? { ...choice, estimate: unknown } : choice)),
    }));
    batch.scripted.nextStarts.push('refused');
    batch.scripted.refusal.kind = 'auth';
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    expect((await batch.run(overrides, { ...plan, jobs, budget })).exit).toBe(1);
    expect(starts).toEqual([]);
    const { reason } = batch.snapshot().jobs[0]!;
    expect(reason).toContain('acme: auth: refused; globex/lips has no known price');
  });
});

describe('every create', () => {
  it('finds room within every cap for billed, in flight, at risk and its own estimate with the margin', async () => {
    const outcome = fc.constantFrom('accepted', 'accepted', 'uncertain', 'refused', 'unsent');
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          max: fc.integer({ min: 0, max: 900_000 }),
          german: fc.integer({ min: 0, max: 400_000 }),
          run: fc.option(fc.integer({ min: 0, max: 900_000 }), { nil: null }),
          margin: fc.constantFrom(0, 10, 12.5),
          outcomes: fc.array(outcome, { maxLength: 6 }),
          prices: fc.array(fc.integer({ min: 100_000, max: 150_000 }), { maxLength: 6 }),
        }),
        async ({ max, german, run, margin, outcomes, prices }) => {
          const one = await batchFixture();
          const caps = [cap({ kind: 'all' }, max), cap({ kind: 'language', language: 'de' }, german)];
          const jobs = ['de', 'fr', 'de', 'ja', 'de', 'fr'].map((language, position) => ({
            ...plannedJob(language, position),
            key: `v${position}/${language}`,
          }));
          const plan = one.plan([], { jobs, budget: budgetOf(caps, margin) });
          const own = run === null ? [] : [{ ...cap({ kind: 'all' }, run, 'run'), name: '--max-usd' }];
          const broken: string[] = [];
          const reserved = withMargin(150_000, margin);
          one.scripted.nextStarts.push(...outcomes);
          one.scripted.nextPrices.push(...prices);
          one.scripted.refusal.kind = 'invalid-input';
          const check = () => {
            const [{ id = null, runId = null } = {}] = one.store.sqlite
              .prepare('SELECT batch_id AS id, id AS runId FROM runs ORDER BY started_at DESC')
              .all() as { id?: number; runId?: string }[];
            for (const each of [...caps, ...own]) {
              const sums = capSpending(one.store, each, { batchId: id ?? 0, runId, wallMs: Date.now() });
              const spent = sums.billedMicros + sums.inFlightMicros + sums.atRiskMicros;
              if (spent > each.micros) broken.push(`${each.name}: ${spent} > ${each.micros}`);
            }
          };
          for (let restart = 0; restart < 2; restart += 1) {
            await one.run({ maxMicros: run, onEvent: ({ type }) => type === 'attempt:state' && check() }, plan);
            one.reopen();
          }
          check();
          const bought = one.store.db.select().from(attempts).all();
          await one.close();
          expect(broken).toEqual([]);
          for (const attempt of bought) expect(attempt.reservedMicros).toBe(reserved);
        },
      ),
      { numRuns: 10 },
    );
  }, 120_000);
});

/** Replies wait until the returned function is called. */
function closeGate(): () => void {
  const gate: { open: () => void } = { open: () => undefined };
  batch.scripted.gate.open = new Promise((resolve) => {
    gate.open = resolve;
  });
  return () => gate.open();
}
