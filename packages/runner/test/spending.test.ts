import { type BudgetCap, costTotals, type PriceFormula } from '@localize/core';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../src/index.js';
import { Journal } from '../src/store/journal.js';
import { withCorrections } from '../src/store/money/cap-corrections.js';
import { capSpending } from '../src/store/money/spending.js';
import { registerPlan } from '../src/store/register-plan.js';
import { attempts, jobs } from '../src/store/schema/schema.js';
import { editedCounts } from '../src/store/snapshot/edited-counts.js';
import type { AttemptRow } from '../src/store/store.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';
import { ASSUMED } from '../testing/budgets.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const clock = { nowMs: () => 1_800_000_000_000, wallMs: () => 1_800_000_000_000, after: () => () => undefined };
const cap = (scope: BudgetCap['scope'], period: BudgetCap['period'] = 'batch'): BudgetCap => ({
  name: 'budget',
  scope,
  period,
  micros: 0,
});

const labelOf = (value: string) => ({ kind: 'label', label: 'course', value }) as const;

/** Moves of an attempt after its intent, with what they may say of its price. */
const amount = fc.option(fc.integer({ min: 0, max: 900_000 }), { nil: null });
const move = fc.oneof(
  fc.constant({ events: [] as const }),
  fc.constant({ events: ['withdraw'] as const }),
  fc.constant({ events: ['refuse'] as const }),
  fc.record({ events: fc.constant(['doubt'] as const) }),
  fc.record({ events: fc.constant(['doubt', 'abandon'] as const) }),
  fc.record({ events: fc.constant(['doubt', 'accept', 'complete'] as const), quoted: amount, billed: amount }),
  fc.record({ events: fc.constant(['accept'] as const), quoted: amount }),
  fc.record({ events: fc.constant(['accept', 'complete'] as const), quoted: amount, billed: amount }),
  fc.record({ events: fc.constant(['accept', 'fail'] as const), billed: amount }),
  fc.record({ events: fc.constant(['accept', 'complete', 'lose'] as const), billed: amount }),
);
const life = fc.record({
  language: fc.constantFrom('de', 'fr'),
  course: fc.constantFrom(null, 'a', 'b'),
  estimate: amount,
  move,
});

describe('the sums that the budget is checked against', () => {
  it('are those of the attempts, whatever becomes of them', () => {
    let round = 0;
    fc.assert(
      fc.property(fc.array(life, { maxLength: 12 }), (lives) => {
        round += 1;
        const name = `batch-${round}`;
        const planned = lives.map(({ language, course }, position) => ({
          ...plannedJob(language, position),
          key: `v${position}/${language}`,
          labels: course === null ? {} : { course },
        }));
        const plan = { ...batch.plan([]), batch: name, jobs: planned };
        const where = { manifestPath: `/${name}.yaml`, folder: batch.dir, sameBatch: false };
        const row = registerPlan(batch.store, clock, plan, where);
        const journal = new Journal(batch.store, clock, `run-${round}`, (_: RunEvent) => undefined);
        const own = batch.store.db.select().from(jobs).where(eq(jobs.batchId, row.id)).all();
        for (const [index, each] of lives.entries()) live(journal, own[index]!.id, each);

        const kept = lives.filter(({ move: { events } }) => !(events as readonly string[]).includes('withdraw'));
        const expectSums = (scope: BudgetCap['scope'], chosen: readonly (typeof lives)[number][]) => {
          const sums = capSpending(batch.store, cap(scope), { batchId: row.id, runId: null, wallMs: clock.wallMs() });
          expect(sums).toEqual(expectedSums(chosen));
        };
        expectSums({ kind: 'all' }, kept);
        expectSums({ kind: 'provider', provider: 'acme' }, kept);
        expectSums({ kind: 'provider', provider: 'other' }, []);
        for (const language of ['de', 'fr']) {
          expectSums(
            { kind: 'language', language },
            kept.filter((each) => each.language === language),
          );
        }
        for (const value of ['a', 'b']) {
          expectSums(
            { kind: 'label', label: 'course', value },
            kept.filter(({ course }) => course === value),
          );
        }
        // Before it takes the manifest over, a run to come is told the same as after.
        const caps = [{ kind: 'all' } as const, ...['a', 'b', 'c'].map(labelOf)].map((scope) => cap(scope));
        const price: PriceFormula = { kind: 'per-job', micros: 40_000, source: ASSUMED };
        const jobsNow = planned.map((job, index) => ({ ...job, labels: { course: index % 2 === 0 ? 'c' : 'a' } }));
        const edited = { ...plan, prices: { 'acme/model': price }, jobs: jobsNow };
        const sumsNow = () =>
          caps.map((each) => capSpending(batch.store, each, { batchId: row.id, runId: null, wallMs: clock.wallMs() }));
        const foreseen = withCorrections(caps, sumsNow(), editedCounts(batch.store, edited, caps), clock.wallMs());
        expect(foreseen.map(({ unpricedAttempts }) => unpricedAttempts)).toEqual([0, 0, 0, 0]);
        registerPlan(batch.store, clock, edited, where);
        expect(sumsNow()).toEqual(foreseen);
        batch.store.sqlite.exec(`UPDATE attempts SET expected_micros = NULL`);
        const run = capSpending(batch.store, cap({ kind: 'all' }, 'run'), {
          batchId: row.id,
          runId: `run-${round}`,
          wallMs: clock.wallMs(),
        });
        expect(run).toEqual(expectedSums(kept));
        // An edited label takes its money along.
        registerPlan(
          batch.store,
          clock,
          { ...plan, jobs: planned.map((job) => ({ ...job, labels: { course: 'c' } })) },
          where,
        );
        expectSums({ kind: 'label', label: 'course', value: 'c' }, kept);
        expectSums({ kind: 'label', label: 'course', value: 'a' }, []);
      }),
      { numRuns: 25 },
    );
  });

  it('count a day over all batches, and forget it the next', () => {
    const today = { ...attempt(1, 250_000), intendedAt: clock.nowMs() };
    const yesterday = { ...attempt(1, 400_000), intendedAt: clock.nowMs() - 24 * 3_600_000, part: 2 };
    const plan = batch.plan(['de']);
    registerPlan(batch.store, clock, plan, { manifestPath: '/m.yaml', folder: batch.dir, sameBatch: false });
    for (const row of [today, yesterday]) batch.store.db.insert(attempts).values(row).run();
    const other = { batchId: 99, runId: null, wallMs: clock.wallMs() };
    const spent = (period: BudgetCap['period']) => capSpending(batch.store, cap({ kind: 'all' }, period), other);
    expect(spent('day').inFlightMicros).toBe(250_000);
    expect(spent('month').inFlightMicros).toBe(650_000);
    expect(spent('batch').inFlightMicros).toBe(0);
  });
});

type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

function live(journal: Journal, jobId: number, { estimate, move: { events, ...prices } }: Life): void {
  const { quoted = null, billed = null } = prices as { quoted?: number | null; billed?: number | null };
  let row = journal.intend({ ...attempt(jobId, estimate), runId: journal.runId });
  for (const event of events) {
    if (event === 'withdraw') return journal.withdraw(row);
    const patch = event === 'accept' ? { predictionId: row.id, quotedMicros: quoted } : {};
    const bill = event === 'complete' || event === 'fail' ? { billedMicros: billed } : {};
    row = journal.moveAttempt(row, event, { ...patch, ...bill });
  }
}

let serial = 0;
function attempt(jobId: number, estimateMicros: number | null): AttemptRow {
  serial += 1;
  const nothing = {
    quotedMicros: null,
    expectedMicros: null,
    billedMicros: null,
    reservedMicros: null,
    predictionId: null,
    reference: null,
    repliedAt: null,
    acceptedAt: null,
    endedAt: null,
    pollAt: null,
    missingSince: null,
    unknownStatus: null,
    searchAt: null,
    outputUrl: null,
    seed: null,
    failure: null,
    runId: null,
    stagingAt: null,
    stagedAt: null,
    runningAt: null,
    downloadAt: null,
    downloadedAt: null,
    fetchedBy: null,
  };
  const now = clock.nowMs();
  return {
    ...nothing,
    id: `attempt-${serial}`,
    jobId,
    part: 1,
    wallAhead: 0,
    route: 'acme/model',
    provider: 'acme',
    laneId: laneId(),
    laneDisplay: 'ACME_KEY',
    keyHash: 'k',
    state: 'intended',
    fingerprint: 'f',
    request: {} as AttemptRow['request'],
    estimateMicros,
    costSource: 'none',
    intendedAt: now,
    sentAt: now,
    slotUntil: now,
    polls: 0,
    missing: 0,
    searches: 0,
  };
}

function laneId(): number {
  const facts = `'acme', 'h', 'ACME_KEY', 1, 1, 1`;
  batch.store.sqlite.exec(
    `INSERT OR IGNORE INTO lanes (id, provider, host, display, creates, per_ms, concurrent) VALUES (1, ${facts})`,
  );
  return 1;
}

/** By the totals that every report shows. */
function expectedSums(lives: readonly Life[]) {
  const totals = costTotals(
    lives.map(({ estimate, move: { events, ...prices } }) => {
      const last = (events as readonly string[]).at(-1);
      const states = { refuse: 'refused', doubt: 'uncertain', abandon: 'abandoned', accept: 'accepted' };
      const ends = { complete: 'completed', fail: 'failed', lose: 'lost' };
      const state = last === undefined ? 'intended' : { ...states, ...ends }[last];
      const { quoted = null, billed = null } = prices as { quoted?: number | null; billed?: number | null };
      const own = { state, estimateMicros: estimate, quotedMicros: quoted, billedMicros: billed };
      return { orphaned: true, attempts: [own] } as never;
    }),
  );
  return {
    billedMicros: totals.billedMicros,
    inFlightMicros: totals.inFlightMicros,
    atRiskMicros: totals.atRiskMicros,
    unpricedAttempts: lives.filter(({ estimate, move: { events, ...prices } }) => {
      const { quoted = null, billed = null } = prices as { quoted?: number | null; billed?: number | null };
      return !(events as readonly string[]).includes('refuse') && (estimate ?? quoted ?? billed) === null;
    }).length,
  };
}
