import { join } from 'node:path';
import { type PlannedJob, type WholePlan, waitMend, waitWords, withMargin } from '@localize/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSnapshot, retry } from '../src/index.js';
import { capSpending } from '../src/store/money/spending.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { ASSUMED, budgetedJob, budgetOf, cap, priced } from '../testing/budgets.js';
import { withSecondProvider } from '../testing/second-provider.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja']);
});
afterEach(() => batch.close());

const snapshot = (plan: WholePlan) => budgeted(batch.store, batch.snapshot(), plan);

describe('a cap', () => {
  it('of one language leaves the others alone, and the job waits for money by name', async () => {
    const budget = budgetOf([cap({ kind: 'language', language: 'fr' }, 100_000)]);
    const plan = batch.plan(['de', 'fr', 'ja'], { budget });
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(2);
    expect(budgetedJob(batch, plan, 'keynote/fr')).toMatchObject({
      state: 'pending',
      waitsForMoney: { neededMicros: 150_000, caps: ['budget.language.batch'] },
    });
    expect(snapshot(plan).budget).toMatchObject([
      { spentMicros: 0, leftMicros: 100_000, waitingJobs: 1, shortMicros: 50_000 },
    ]);
    const met = batch.events.filter(({ type }) => type === 'budget:met');
    expect(met).toMatchObject([{ cap: 'budget.language.batch', message: expect.stringContaining('is met') }]);
  });

  it('of a day says that it counts anew from midnight, where one day has room for the job at all', async () => {
    const all = { kind: 'all' } as const;
    const plan = batch.plan(['de', 'fr'], { budget: budgetOf([cap(all, 200_000, 'day')]) });
    expect((await batch.run({}, plan)).exit).toBe(3);
    const waitsOf = (changes: Parameters<typeof cap>[]) => {
      const { waitsForMoney } = budgetedJob(
        batch,
        { ...plan, budget: budgetOf(changes.map((each) => cap(...each))) },
        'keynote/fr',
      );
      return [waitWords(waitsForMoney!), waitMend(waitsForMoney!, 'm.yaml')];
    };
    expect(waitsOf([[all, 200_000, 'day']])).toEqual([
      'waits for money: it needs $0.15, for which budget.all.day has no room before midnight',
      'raise budget.all.day in m.yaml, or wait for midnight, then: localize m.yaml',
    ]);
    expect(
      waitsOf([
        [all, 200_000, 'day'],
        [all, 200_000, 'month'],
      ])[0],
    ).toMatch(/ have no room before the first of next month$/);
    expect(waitsOf([[all, 100_000, 'day']])[0]).toMatch(/ has no room$/);
    expect(
      waitsOf([
        [all, 200_000, 'day'],
        [all, 200_000, 'batch'],
      ])[0],
    ).toMatch(/ have no room$/);
    const met = batch.events.find(({ type }) => type === 'budget:met');
    expect(met).toMatchObject({ message: expect.stringMatching(/it leaves \$0\.05; it counts anew from midnight$/) });
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
    expect(budgetedJob(batch, plan, 'keynote/fr').waitsForMoney).toMatchObject({ neededMicros: 270_000 });
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
    const plan = priced(batch, { kind: 'unknown', source: ASSUMED }, ['de'], { budget });
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(0);
    expect(budgetedJob(batch, plan, 'keynote/de').reason).toContain('set providers.acme.price');
  });

  it('keeps others from being bought under a cap that counts it, and says so of each with what mends it', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    await batch.run(overrides, priced(batch, { kind: 'unknown', source: ASSUMED }, ['de'], {}));
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000, 'day')]);
    const plan = batch.plan(['fr'], { budget, batch: 'autumn', prices: {} });
    const run = { ...overrides, manifestPath: join(batch.dir, 'autumn.yaml') };
    expect(await batch.run(run, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(1);
    const why =
      'budget.all.day counts 1 attempt of which nobody knows what it costs: keynote/de of batch spring on acme/lips';
    const mend =
      'set providers.acme.price, or settle keynote/de of batch spring, as far as nothing was bought there, with --not-bought';
    const met = batch.events.filter(({ type }) => type === 'budget:met');
    expect(met).toMatchObject([{ message: `no further create leaves: ${why}; ${mend}` }]);
    const known = readSnapshot(batch.store, {
      batch: 'autumn',
      manifest: 'a.yaml',
      emulated: false,
      nowMs: Date.now(),
    });
    const { jobs, warnings } = budgeted(batch.store, known!, plan);
    expect(jobs).toMatchObject([{ state: 'pending', reason: why, mend: `${mend}, then: localize a.yaml` }]);
    expect(warnings).toContain(`${why}; ${mend}`);
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
    expect(reason).toContain('acme (ACME_KEY): auth: refused; globex/lips has no known price');
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
