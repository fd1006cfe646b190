import { ATTEMPT_TRANSITIONS, type AttemptEvent, type BudgetCap, covers, type Micros, secret } from '@localize/core';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lane } from '../src/lanes/lane.js';
import { buy } from '../src/store/buy.js';
import { Journal } from '../src/store/journal.js';
import { registerPlan } from '../src/store/register-plan.js';
import { attempts, batches, jobs } from '../src/store/schema/schema.js';
import type { AttemptRow, JobRow } from '../src/store/store.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';

/** Random purchases of two batches and whatever may become of them, over days and restarts, beside sums made by hand. */

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const HOUR_MS = 3_600_000;
const JOBS = 14;
const LANGUAGES = ['de', 'fr'] as const;

const cents = (most: number) => fc.integer({ min: 1, max: most }).map((each) => each * 10_000);
const capsOf = fc.record({
  batch: cents(300),
  day: cents(200),
  month: cents(400),
  language: cents(150),
  label: cents(150),
});
const which = fc.nat(99);
/** Of what was reserved. */
const share = fc.integer({ min: 0, max: 100 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('buy' as const), which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constantFrom<AttemptEvent>('accept', 'refuse', 'doubt', 'abandon', 'complete', 'fail', 'lose'),
      which,
      share: fc.option(share, { nil: null }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('wait' as const, 'restart' as const), which }) },
);

type Caps = typeof capsOf extends fc.Arbitrary<infer T> ? T : never;

function capsIn({ batch: whole, day, month, language, label }: Caps): BudgetCap[] {
  const all = { kind: 'all' } as const;
  return [
    { name: 'max', scope: all, period: 'batch', micros: whole },
    { name: 'day', scope: all, period: 'day', micros: day },
    { name: 'month', scope: { kind: 'provider', provider: 'acme' }, period: 'month', micros: month },
    { name: 'de', scope: { kind: 'language', language: 'de' }, period: 'day', micros: language },
    { name: 'label', scope: { kind: 'label', label: 'course', value: 'a' }, period: 'batch', micros: label },
  ];
}

/** What a purchase counts at, by hand. */
interface Bought {
  readonly id: string;
  readonly job: JobRow;
  readonly atMs: number;
  readonly reserved: Micros;
  billed: Micros | null;
  isRefused: boolean;
}

const sameDay = (a: number, b: number) => new Date(a).toDateString() === new Date(b).toDateString();
const sameMonth = (a: number, b: number) =>
  new Date(a).getMonth() === new Date(b).getMonth() && new Date(a).getFullYear() === new Date(b).getFullYear();

function countsUnder({ period }: BudgetCap, bought: Bought, own: { batchId: number; nowMs: number }): boolean {
  if (period === 'batch') return bought.job.batchId === own.batchId;
  return period === 'day' ? sameDay(bought.atMs, own.nowMs) : sameMonth(bought.atMs, own.nowMs);
}

describe('billed, in flight, at risk and the next create together', () => {
  it('stay within every cap of two batches, and nothing that fits is refused, over days and restarts', () => {
    let round = 0;
    fc.assert(
      fc.property(capsOf, fc.array(cents(90), { minLength: JOBS, maxLength: JOBS }), steps, (given, prices, all) => {
        round += 1;
        const caps = capsIn(given);
        // A state of its own: months and days count all batches.
        batch.store.sqlite.exec('DELETE FROM attempts; DELETE FROM spending');
        let nowMs = 1_800_000_000_000;
        const clock = { nowMs: () => nowMs, wallMs: () => nowMs, after: () => () => undefined };
        const budget = { caps, marginPercent: 10, confirmAboveMicros: 0 };
        const names = [`winter-${round}`, `summer-${round}`];
        const ids = names.map((name) => {
          const planned = prices.map((micros, position) => {
            const language = LANGUAGES[position % 2]!;
            const job = plannedJob(language, position);
            const estimate = { micros, certainty: 'exact' as const, billedSeconds: null };
            const choices = job.choices.map((choice) => ({ ...choice, estimate }));
            const labels = position % 3 === 0 ? { course: 'a' } : {};
            return { ...job, key: `v${position}/${language}`, labels, choices };
          });
          const plan = { ...batch.plan([]), batch: name, jobs: planned, budget };
          const { id } = registerPlan(batch.store, clock, plan, {
            manifestPath: `/${name}.yaml`,
            folder: batch.dir,
            sameBatch: false,
          });
          batch.store.db.update(batches).set({ holderRunId: 'run' }).where(eq(batches.id, id)).run();
          return id;
        });
        const journal = () => new Journal(batch.store, clock, 'run', () => undefined);
        const bought: Bought[] = [];
        const spentUnder = (cap: BudgetCap, batchId: number) =>
          bought
            .filter((each) => countsUnder(cap, each, { batchId, nowMs }))
            .filter(({ job: { planned } }) => covers(cap, { provider: 'acme', ...planned }))
            .reduce((sum, { billed, reserved, isRefused }) => sum + (isRefused ? 0 : (billed ?? reserved)), 0);

        for (const each of all) {
          if (each.does === 'wait') nowMs += 7 * HOUR_MS;
          else if (each.does === 'restart') batch.reopen();
          else if (each.does === 'buy') {
            const batchId = ids[each.which % 2]!;
            const own = batch.store.db.select().from(jobs).where(eq(jobs.batchId, batchId)).all();
            const next = own.filter(({ state }) => state === 'pending' || state === 'staging')[each.which % JOBS];
            if (next === undefined) continue;
            const job = next.state === 'pending' ? journal().moveJob(next, 'stage') : next;
            const result = buy(journal(), purchaseOf(job, budget));
            const reserved = ((job.planned.choices[0]!.estimate.micros ?? 0) * 11) / 10;
            const covering = caps.filter((cap) => covers(cap, { provider: 'acme', ...job.planned }));
            const fits = covering.every((cap) => spentUnder(cap, batchId) + reserved <= cap.micros);
            expect(result.outcome).toBe(fits ? 'intended' : 'over-budget');
            if (result.outcome !== 'intended') continue;
            const { id } = result.attempt;
            bought.push({ id, job, atMs: nowMs, reserved, billed: null, isRefused: false });
            for (const cap of covering) expect(spentUnder(cap, batchId)).toBeLessThanOrEqual(cap.micros);
          } else if ('share' in each && bought.length > 0) moveOn(journal(), bought[each.which % bought.length]!, each);
        }
      }),
      { numRuns: 30, seed: 20261122 },
    );
  }, 120_000);
});

const steps = fc.array(step, { minLength: 10, maxLength: 60 });

function moveOn(
  journal: Journal,
  bought: Bought,
  { does: event, share }: { does: AttemptEvent; share: number | null },
): void {
  const row = batch.store.db.select().from(attempts).where(eq(attempts.id, bought.id)).get()!;
  if (!(event in ATTEMPT_TRANSITIONS[row.state])) return;
  // A refused one that was bought all the same is a person's correction, and only what was accepted can end.
  if (row.state === 'refused') return;
  if ((event === 'complete' || event === 'fail') && row.predictionId === null) return;
  const patch: Partial<AttemptRow> = {};
  if (event === 'accept') patch.predictionId = row.id;
  if (event === 'refuse') bought.isRefused = true;
  if ((event === 'complete' || event === 'fail') && share !== null) {
    patch.billedMicros = Math.floor((bought.reserved * share) / 100);
    bought.billed = patch.billedMicros;
  }
  journal.moveAttempt(row, event, patch);
}

function purchaseOf(job: JobRow, budget: Parameters<typeof buy>[1]['budget']): Parameters<typeof buy>[1] {
  const limits = { creates: 1_000_000, perMs: 1, concurrent: 1_000_000 };
  const settings = batch.plan([]).providers.acme!;
  batch.store.sqlite.exec(
    `INSERT OR IGNORE INTO lanes (id, provider, host, display, creates, per_ms, concurrent) VALUES (1, 'acme', 'h', 'ACME_KEY', 1, 1, 1)`,
  );
  const keys = [{ hash: 'k', variable: 'ACME_KEY', key: secret('test-key') }];
  const lane: Lane = { id: 1, provider: 'acme', host: 'h', display: 'ACME_KEY', keys, planned: limits, settings };
  return {
    batchId: job.batchId,
    jobId: job.id,
    lane,
    keyHash: 'k',
    choice: job.planned.choices[0]!,
    request: {} as AttemptRow['request'],
    fingerprint: `f-${job.id}`,
    preferred: [],
    stagingAtMs: 0,
    stagedAtMs: 0,
    timeoutMs: HOUR_MS,
    budget,
    includeApproved: false,
    prices: {},
  };
}
