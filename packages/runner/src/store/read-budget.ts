import {
  type BudgetSettings,
  budgetOutlook,
  type Micros,
  type Plan,
  type PlannedJob,
  type Snapshot,
  type UnboughtJob,
} from '@localize/core';
import { prepared } from './prepared.js';
import { withSeenPrices } from './seen-prices.js';
import { capSpending } from './spending.js';
import type { Store } from './store.js';

/** The manifest's caps, and the one that `--max-usd` sets to a run. */
export function budgetInForce(budget: BudgetSettings, maxMicros: Micros | null): BudgetSettings {
  if (maxMicros === null) return budget;
  const own = { name: '--max-usd', scope: { kind: 'all' }, period: 'run', micros: maxMicros } as const;
  return { ...budget, caps: [...budget.caps, own] };
}

/**
 * A snapshot with how far the budget is used up, and with the jobs marked that wait for money. The cap of the last run
 * counts while that run goes on and after it.
 * @param store `null`: there is no state yet, so that nothing was spent.
 * @param next the jobs of a run to come, which has no cap of its own yet.
 */
export function withBudget(
  store: Store | null,
  snapshot: Snapshot,
  plan: Plan,
  next?: { readonly only: (key: string) => boolean },
): Snapshot {
  const batchId = store === null ? null : batchIdOf(store, plan.batch);
  const run = store === null || batchId === null ? undefined : lastRun(store, batchId);
  const { caps, marginPercent } = budgetInForce(plan.budget, next ? null : (run?.maxMicros ?? null));
  if (caps.length === 0) return snapshot;
  const spenders = { batchId: batchId ?? NO_BATCH, runId: run?.id ?? null, nowMs: snapshot.takenAtMs };
  const spent = store === null ? [] : caps.map((cap) => capSpending(store, cap, spenders));
  const expected = withSeenPrices(plan, store);
  const unbought = unboughtJobs(
    snapshot,
    expected,
    store === null ? new Map() : nextChoices(store, batchId ?? NO_BATCH),
  );
  const wanted = next ? unbought.filter(({ key }) => next.only(key)) : unbought;
  const outlook = budgetOutlook(caps, spent, wanted, marginPercent);
  const jobs = snapshot.jobs.map((job) => {
    const waitsForMoney = outlook.waiting.get(job.key);
    return waitsForMoney === undefined ? job : { ...job, waitsForMoney };
  });
  return { ...snapshot, jobs, budget: outlook.caps };
}

const NO_BATCH = -1;

function unboughtJobs({ jobs }: Snapshot, plan: Plan, choices: ReadonlyMap<string, number>): UnboughtJob[] {
  const unbought = jobs.filter(({ state, orphaned }) => !orphaned && (state === 'pending' || state === 'staging'));
  if (unbought.length === 0) return [];
  const wanted = new Set(unbought.map(({ key }) => key));
  const planned = new Map<string, PlannedJob>();
  for (const job of plan.jobs) if (wanted.has(job.key)) planned.set(job.key, job);
  return unbought.flatMap(({ key }) => {
    const job = planned.get(key);
    if (job === undefined) return [];
    const left = job.choices.slice(choices.get(key) ?? 0);
    const offers = left.map(({ provider, estimate }) => ({ provider, estimateMicros: estimate.micros }));
    return [{ key, language: job.language, labels: job.labels, offers }];
  });
}

/** A job may have moved on to another of its choices. */
function nextChoices(store: Store, batchId: number): ReadonlyMap<string, number> {
  const rows = prepared<[number], { key: string; choice: number }>(
    store,
    `SELECT key, choice FROM jobs WHERE batch_id = ? AND state IN ('pending', 'staging')`,
  ).all(batchId);
  return new Map(rows.map(({ key, choice }) => [key, choice]));
}

function batchIdOf(store: Store, name: string): number | null {
  return prepared<[string], { id: number }>(store, 'SELECT id FROM batches WHERE name = ?').get(name)?.id ?? null;
}

function lastRun(store: Store, batchId: number) {
  return prepared<[number], { id: string; maxMicros: number | null }>(
    store,
    'SELECT id, max_micros AS maxMicros FROM runs WHERE batch_id = ? ORDER BY started_at DESC LIMIT 1',
  ).get(batchId);
}
