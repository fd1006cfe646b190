import {
  type AttemptSnapshot,
  expectedCost,
  formatUsd,
  type JobSnapshot,
  jobTotals,
  type MoneyWaiter,
  rateLimitedTotal,
  type Snapshot,
  type SnapshotFrame,
  type StreamedSnapshot,
  waitReason,
  waitReasonMend,
} from '@localize/core';
import {
  attemptMoney,
  capJson,
  jsonPieces,
  type MoneyFigures,
  moneyFigures,
  moneyJson,
  type SummaryView,
} from '@localize/report';
import type { StatusView } from '../batch/take-status.js';
import { laneJson } from './lane-json.js';

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
  { totals, money, rateLimited }: Pick<SummaryView, 'totals' | 'money' | 'rateLimited'>,
  { batch, budget }: SnapshotFrame,
  jobs: readonly MoneyWaiter[],
) {
  return {
    batch,
    totals,
    cost: costJson(money),
    rate_limited: rateLimited,
    budget: (budget ?? []).map(capJson),
    waiting_for_money: waitingJson(jobs),
  };
}

/**
 * The jobs that no cap has room for, and what they need together, as far as that is known; of the others, which amount has
 * to be known first.
 */
export function waitingJson(jobs: readonly MoneyWaiter[]) {
  const waits = jobs.filter(({ waitsForMoney, waitsForAmount }) => waitsForMoney ?? waitsForAmount);
  const needed = waits.reduce((sum, { waitsForMoney }) => sum + (waitsForMoney?.neededMicros ?? 0), 0);
  const unknown = new Map<string, { jobs: string[]; reason: string | null; mend: string | null }>();
  for (const { key, waitsForMoney, reason, mend } of waits) {
    if (waitsForMoney) continue;
    const id = JSON.stringify([reason, mend]);
    const alike = unknown.get(id) ?? { jobs: [], reason, mend };
    alike.jobs.push(key);
    unknown.set(id, alike);
  }
  return { jobs: waits.map(({ key }) => key), needed_usd: formatUsd(needed), unknown: [...unknown.values()] };
}

/** Amounts in any case: what nobody knows is counted beside them. */
function costJson(money: MoneyFigures) {
  const { estimatedMicros, billedMicros } = money;
  return { ...moneyJson(money), estimated_usd: formatUsd(estimatedMicros), billed_usd: formatUsd(billedMicros) };
}

/** The document of `status --json`; its jobs are read as they are written. */
export function statusJson({ snapshot, survey, atWork, lanes }: StatusView) {
  return {
    ...totalsOf(survey.summary, snapshot, survey.waiting),
    warnings: survey.summary.warnings,
    by_label: survey.labels.map(({ name, totals, money }) => ({ name, totals, cost: costJson(money) })),
    jobs: jobsJson(snapshot),
    at_work: atWork,
    lanes: lanes.map(laneJson),
  };
}

/** So deep in the document lies each job. */
const JOB_DEPTH = 2;

/** The text of that document with what else is to be said in it, in pieces. @param layout on one line, or over lines */
export function statusJsonText(document: object, layout: 'line' | 'lines'): Iterable<string> {
  return jsonPieces(document, JOB_DEPTH, layout === 'line' ? null : '');
}

function* jobsJson({ jobs, manifest }: StreamedSnapshot) {
  for (const job of jobs) yield jobJson(job, manifest);
}

function jobJson(job: JobSnapshot, manifest: string) {
  const { key, state, route, output, reason, mend, labels, attempts, waitsForMoney } = job;
  return {
    key,
    state,
    route,
    output,
    reason: reason ?? waitReason(job),
    mend: mend ?? waitReasonMend(job, manifest),
    labels,
    needs_usd: waitsForMoney ? formatUsd(waitsForMoney.neededMicros) : null,
    attempts: attempts.map(attemptJson),
  };
}

function attemptJson(attempt: AttemptSnapshot, index: number) {
  return {
    number: index + 1,
    route: attempt.route,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    cost_usd: attempt.billedMicros === null ? null : formatUsd(attempt.billedMicros),
    cost_source: attempt.costSource,
    estimated_usd: attempt.estimateMicros === null ? null : formatUsd(attempt.estimateMicros),
    expected_usd: expectedUsd(attempt),
    money: attemptMoney(attempt).class,
    created_at: new Date(attempt.createdAtMs).toISOString(),
    ended_at: attempt.endedAtMs === null ? null : new Date(attempt.endedAtMs).toISOString(),
  };
}

/** What it counts at while no bill has come for it. */
function expectedUsd(attempt: AttemptSnapshot): string | null {
  const micros = attempt.billedMicros === null ? expectedCost(attempt) : null;
  return micros === null ? null : formatUsd(micros);
}
