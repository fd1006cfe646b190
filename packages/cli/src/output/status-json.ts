import {
  type AttemptSnapshot,
  formatUsd,
  type JobSnapshot,
  jobTotals,
  rateLimitedTotal,
  type Snapshot,
  type SnapshotFrame,
  waitMend,
  waitWords,
} from '@localize/core';
import { attemptMoney, capJson, moneyFigures, moneyJson, type ReportView } from '@localize/report';

export type TotalsJson = ReturnType<typeof totalsOf>;

/** The totals of a batch as `status --json` and the last line of `run --json` have them. */
export function totalsJson(snapshot: Snapshot) {
  const { jobs } = snapshot;
  const sums = { totals: jobTotals(jobs), money: moneyFigures(jobs), rateLimited: rateLimitedTotal(jobs) };
  return totalsOf(sums, snapshot, jobs);
}

/**
 * The same of sums that were made before.
 * @param jobs of which at least those that wait for money
 */
export function totalsOf(
  { totals, money, rateLimited }: Pick<ReportView, 'totals' | 'money' | 'rateLimited'>,
  { batch, budget }: SnapshotFrame,
  jobs: readonly MoneyWaiter[],
) {
  return {
    batch,
    totals,
    cost: moneyJson(money),
    rate_limited: rateLimited,
    ...(budget ? { budget: budget.map(capJson), waiting_for_money: waitingJson(jobs) } : {}),
  };
}

/** The part of a job that says what it waits for. */
export type MoneyWaiter = Pick<JobSnapshot, 'key' | 'waitsForMoney'>;

/** The jobs that no cap has room for, and what they need together. */
export function waitingJson(jobs: readonly MoneyWaiter[]) {
  const waits = jobs.flatMap(({ key, waitsForMoney }) => (waitsForMoney ? [{ key, ...waitsForMoney }] : []));
  const needed = waits.reduce((sum, { neededMicros }) => sum + neededMicros, 0);
  return { jobs: waits.map(({ key }) => key), needed_usd: formatUsd(needed) };
}

/** The whole document of `status --json`. */
export function statusJson(snapshot: Snapshot) {
  return {
    ...totalsJson(snapshot),
    by_label: labelsJson(snapshot.jobs),
    jobs: snapshot.jobs.map((job) => jobJson(job, snapshot.manifest)),
  };
}

function jobJson(job: JobSnapshot, manifest: string) {
  const { key, state, route, output, reason, mend, labels, attempts, waitsForMoney } = job;
  return {
    key,
    state,
    route,
    output,
    reason: reason ?? (waitsForMoney ? waitWords(waitsForMoney) : null),
    mend: mend ?? (waitsForMoney ? waitMend(waitsForMoney, manifest) : null),
    labels,
    needs_usd: waitsForMoney ? formatUsd(waitsForMoney.neededMicros) : null,
    attempts: attempts.map(attemptJson),
  };
}

/** The money of each label's jobs, under `<label>=<value>`, for charging it back. */
function labelsJson(jobs: readonly JobSnapshot[]) {
  const groups = new Map<string, JobSnapshot[]>();
  for (const job of jobs) {
    for (const [label, value] of Object.entries(job.labels)) {
      const name = `${label}=${value}`;
      groups.set(name, [...(groups.get(name) ?? []), job]);
    }
  }
  return [...groups].map(([name, own]) => ({ name, totals: jobTotals(own), cost: moneyJson(moneyFigures(own)) }));
}

function attemptJson(attempt: AttemptSnapshot) {
  return {
    route: attempt.route,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    cost_usd: attempt.billedMicros === null ? null : formatUsd(attempt.billedMicros),
    cost_source: attempt.costSource,
    estimated_usd: attempt.estimateMicros === null ? null : formatUsd(attempt.estimateMicros),
    money: attemptMoney(attempt).class,
    created_at: new Date(attempt.createdAtMs).toISOString(),
    ended_at: attempt.endedAtMs === null ? null : new Date(attempt.endedAtMs).toISOString(),
  };
}
