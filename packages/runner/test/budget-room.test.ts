import type { BudgetCap, JobSnapshot, PlannedJob, RouteChoice, WholePlan } from '@localize/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { scriptedRoute } from '../testing/scripted-provider.js';

/** Jobs of different prices under one cap: those that fit are bought, whatever stands before them. */

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const capOf = (micros: number, changes: Partial<BudgetCap> = {}): BudgetCap => ({
  name: 'budget.max_usd',
  scope: { kind: 'all' },
  period: 'batch',
  micros,
  ...changes,
});

/** One job for each price, in micro-dollars, each of a track of its own: no job is served by another's result. */
function planOf(prices: readonly number[], caps: readonly BudgetCap[], marginPercent = 0, from = batch): WholePlan {
  const jobs = prices.map((micros, position): PlannedJob => {
    const job = plannedJob('de', position);
    const [choice] = job.choices;
    const voices = { kind: 'one', audio: { kind: 'url', url: `https://media.example/v${position}.mp3` } } as const;
    return { ...job, key: `v${position}/de`, voices, choices: [{ ...choice!, estimate: exact(micros) }] };
  });
  return from.plan([], { jobs, budget: { caps, marginPercent, confirmAboveMicros: 0 } });
}

const exact = (micros: number) => ({ micros, certainty: 'exact', billedSeconds: 5 }) as const;
const look = (plan: WholePlan, from = batch) => budgeted(from.store, from.snapshot(), plan);
const keysWhere = (plan: WholePlan, wanted: (job: JobSnapshot) => boolean) =>
  look(plan)
    .jobs.filter(wanted)
    .map(({ key }) => key);
const waiting = (plan: WholePlan) => keysWhere(plan, ({ waitsForMoney }) => waitsForMoney !== undefined);
const bought = (plan: WholePlan) => keysWhere(plan, ({ state }) => state === 'succeeded');
const metEvents = () => batch.events.filter(({ type }) => type === 'budget:met');

describe('under a cap', () => {
  it('a job that does not fit is passed over in favour of those behind it that do', async () => {
    const plan = planOf([1_800_000, 240_000, 240_000, 240_000], [capOf(600_000)]);
    expect(
      budgeted(null, look0(plan), plan)
        .jobs.filter((job) => job.waitsForMoney)
        .map(({ key }) => key),
    ).toEqual(['v0/de', 'v3/de']);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(bought(plan)).toEqual(['v1/de', 'v2/de']);
    expect(waiting(plan)).toEqual(['v0/de', 'v3/de']);
    expect(look(plan).budget).toMatchObject([{ leftMicros: 120_000, waitingJobs: 2, shortMicros: 1_920_000 }]);
    expect(metEvents()).toMatchObject([
      { message: expect.stringContaining('the cheapest job left needs $0.24, and it leaves $0.12') },
    ]);
    // From when the second was bought to the end of the run.
    expect(look(plan).lanes[0]?.stops).toMatchObject([{ cause: 'budget', untilMs: expect.any(Number) }]);
    expect((await batch.run({}, plan)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each([
    ['a language', { kind: 'language', language: 'de' }],
    ['a label', { kind: 'label', label: 'course', value: 'onboarding' }],
  ] as const)('of %s a lane stands still once it alone leaves no room for any job of it', async (_, scope) => {
    const plan = planOf([240_000, 240_000, 240_000], [capOf(600_000, { name: 'budget.by', scope })]);
    const labelled = plan.jobs.map((job) => ({ ...job, labels: { course: 'onboarding' } }));
    expect(await batch.run({}, { ...plan, jobs: labelled })).toMatchObject({ why: 'budget' });
    expect(look(plan).lanes[0]?.stops).toMatchObject([{ cause: 'budget', untilMs: expect.any(Number) }]);
  });

  it('a lane stands still only when the last job of it is bought that fits beside a cap of others', async () => {
    const scope = { kind: 'language', language: 'fr' } as const;
    const plan = planOf([240_000, 240_000, 240_000], [capOf(100_000, { name: 'budget.by', scope })]);
    const jobs = plan.jobs.map((job, index) => (index === 0 ? { ...job, key: 'v0/fr', language: 'fr' } : job));
    expect(await batch.run({}, { ...plan, jobs })).toMatchObject({ why: 'budget' });
    const last = Math.max(...look(plan).jobs.flatMap(({ attempts }) => attempts.map(({ createdAtMs }) => createdAtMs)));
    expect(look(plan).lanes[0]?.stops?.every(({ atMs }) => atMs >= last)).toBe(true);
  });

  it.each([
    [
      'a create that was refused',
      () => {
        batch.scripted.nextStarts.push('refused');
        batch.scripted.refusal.retryAfterMs = 1;
      },
    ],
    [
      'a prediction that failed at no cost',
      () => {
        const failure = { kind: 'provider', message: 'out of memory' } as const;
        batch.scripted.statuses.set('prediction-1', { state: 'failed', failure, canceled: false, costMicros: 0 });
      },
    ],
    [
      'a create that never left',
      () => {
        batch.scripted.nextStarts.push('unsent');
      },
    ],
  ])('%s gives back what it had reserved, and its job is tried again', async (_, prepare) => {
    prepare();
    const plan = planOf([240_000, 240_000], [capOf(300_000)], 10);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(bought(plan)).toHaveLength(1);
    expect(look(plan).budget).toMatchObject([{ billedMicros: 240_000, waitingJobs: 1, shortMicros: 204_000 }]);
    expect(metEvents()).toHaveLength(1);
  });

  it('a bill below what was reserved makes room for another job, and the cap is said to be met only then', async () => {
    batch.scripted.nextPrices.push(100_000, 100_000);
    const plan = planOf([240_000, 240_000, 240_000], [capOf(480_000)]);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'finished', exit: 0 });
    expect(batch.scripted.starts).toHaveLength(3);
    expect(metEvents()).toEqual([]);
  });

  it('of one run, what is left is used up before the run ends', async () => {
    const plan = planOf([240_000, 240_000, 240_000, 240_000, 240_000], []);
    expect(await batch.run({ maxMicros: 600_000 }, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(bought(plan)).toHaveLength(2);
    expect(look(plan).budget).toMatchObject([{ leftMicros: 120_000, waitingJobs: 3, shortMicros: 600_000 }]);
  });

  it('keeps the margin back only until a bill is there', async () => {
    const plan = planOf([170_000, 30_000, 10_000], [capOf(220_000)], 10);
    expect(budgeted(null, look0(plan), plan).jobs.some((job) => job.waitsForMoney)).toBe(false);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'finished', exit: 0 });
  });

  it('a job goes to a cheaper route of its list where its first does not fit, as the plan says', async () => {
    const dear = planOf([240_000, 240_000], [capOf(400_000)]);
    const cheaper = (choice: RouteChoice) => ({ ...choice, estimate: exact(150_000) });
    const plan = {
      ...dear,
      jobs: dear.jobs.map((job) => ({ ...job, choices: job.choices.flatMap((one) => [one, cheaper(one)]) })),
    };
    expect(budgeted(null, look0(plan), plan).jobs.some((job) => job.waitsForMoney)).toBe(false);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'finished', exit: 0 });
    expect(look(plan).budget).toMatchObject([{ billedMicros: 390_000 }]);
  });

  it('the jobs that wait for money are those that the plan named, whatever the prices and caps', async () => {
    const price = fc.integer({ min: 1, max: 60 }).map((cents) => cents * 10_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(price, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 300 }),
        async (prices, cents) => {
          const one = await batchFixture();
          const acme = { ...one.plan([]).providers.acme!, limits: { creates: 100, perMs: 1, concurrent: 1 } };
          const plan = { ...planOf(prices, [capOf(cents * 10_000)], 0, one), providers: { acme } };
          const named = budgeted(null, look0(plan), plan).jobs.filter((job) => job.waitsForMoney);
          const { exit } = await one.run({}, plan);
          const after = look(plan, one).jobs;
          await one.close();
          expect(
            after.filter((job) => job.waitsForMoney).map(({ key, waitsForMoney }) => [key, waitsForMoney]),
          ).toEqual(named.map(({ key, waitsForMoney }) => [key, waitsForMoney]));
          expect(after.filter(({ state }) => state === 'pending')).toHaveLength(named.length);
          expect(exit).toBe(named.length > 0 ? 3 : 0);
        },
      ),
      // Each case is a whole run: to shrink one would outlast the test, and hide what failed.
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);
});

/** What a plan looks like before there is a state. */
function look0(plan: WholePlan) {
  const jobs = plan.jobs.map((job) => ({ key: job.key, state: 'pending', orphaned: false, attempts: [] }) as never);
  return { ...EMPTY, jobs };
}

const EMPTY = {
  version: 1,
  batch: 'spring',
  manifest: 'manifest.yaml',
  emulated: false,
  takenAtMs: 0,
  timeZone: 'UTC',
  runs: [],
  lanes: [],
  warnings: [],
} as never as ReturnType<typeof look>;

describe('a backlog of thousands that do not fit', { timeout: 120_000 }, () => {
  it('is passed over without being staged, and without a look at each', async () => {
    const prices = [...Array.from({ length: 5_000 }, (_, index) => 500_000 + index), 100_000, 100_000];
    const plan = planOf(prices, [capOf(250_000)]);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(bought(plan)).toEqual(['v5000/de', 'v5001/de']);
    const staged = batch.events.filter((event) => event.type === 'job:state' && event.to === 'staging');
    expect(staged).toHaveLength(2);
    expect(queryPlan('needs <= 1 LIMIT 500')).toMatch(
      /USING (COVERING )?INDEX unbought_needs \(provider=\? AND purse=\? AND staged=\? AND needs<\?\)/,
    );
  });
});

function queryPlan(rest: string): string {
  const rows = batch.store.sqlite
    .prepare(
      `EXPLAIN QUERY PLAN SELECT 1 FROM temp.unbought WHERE provider = '${scriptedRoute.provider}' AND purse = 0 AND staged = 0 AND ${rest}`,
    )
    .all() as { detail: string }[];
  return rows.map(({ detail }) => detail).join('\n');
}
