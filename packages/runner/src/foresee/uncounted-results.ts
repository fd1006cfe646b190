import { sep } from 'node:path';
import { type BudgetCap, isUserSet, type Micros, type Plan, type PlannedJob, type RouteId } from '@localize/core';
import type { Sidecar } from '../content/sidecar.js';
import { batchFolder } from '../output/output-paths.js';
import { jobsNamed } from '../store/batch-jobs.js';
import { adoptedBill, adoptedId, isInBooks, predictionOf } from '../store/money/adopted.js';
import { type CapCorrection, countsUnder } from '../store/money/cap-corrections.js';
import { priceOf } from '../store/money/expected-prices.js';
import type { Bill } from '../store/money/seen-prices.js';
import { batchIdOf } from '../store/money/spending.js';
import { jobNamed, removedJob } from '../store/removed-jobs.js';
import type { UnpricedAttempt } from '../store/snapshot/edited-counts.js';
import type { Store } from '../store/store.js';
import type { TakenFrom } from './free-results.js';
import type { LooseResults } from './loose-results.js';

/** A result that was paid for by no run of the state, and that the state does not count yet. */
export interface Uncounted {
  readonly job: PlannedJob;
  readonly sidecar: Sidecar;
}

/**
 * Those in the batch's own folder, and those that jobs take over from elsewhere; each once. What was paid for a job that
 * has left the manifest counts last: one that was only renamed takes its money along.
 */
export function uncountedResults(
  store: Store | null,
  plan: Plan,
  { loose, free }: { readonly loose: LooseResults; readonly free: ReadonlyMap<string, TakenFrom> },
  nowMs: number,
): Uncounted[] {
  const folder = `${batchFolder(plan)}${sep}`;
  const own = loose.all
    .filter(({ path }) => path.startsWith(folder))
    .map(({ sidecar }) => ({ key: sidecar.job, sidecar }));
  const taken = [...free].flatMap(([key, from]) =>
    from.kind !== 'twin' && from.sidecar ? [{ key, sidecar: from.sidecar }] : [],
  );
  if (own.length + taken.length === 0) return [];
  const meant = new Set([...own, ...taken].map(({ key }) => key));
  const planned = new Map(jobsNamed(plan.jobs, meant).map((job) => [job.key, job]));
  const uncounted = new Map<string, Uncounted>();
  const left = own.filter(({ key }) => !planned.has(key));
  for (const { key, sidecar } of [...own.filter(({ key }) => planned.has(key)), ...taken, ...left]) {
    const id = adoptedId(predictionOf(sidecar, nowMs), sidecar);
    if ((store !== null && isInBooks(store, sidecar)) || uncounted.has(id)) continue;
    const job = planned.get(key) ?? knownJob(store, plan, key) ?? removedJob(sidecar);
    if (job !== null) uncounted.set(id, { job, sidecar });
  }
  return [...uncounted.values()];
}

/** A job that is not looked at, as one that is finished, or that has left the manifest since the state met it. */
function knownJob(store: Store | null, { batch }: Plan, key: string): PlannedJob | undefined {
  const batchId = store && batchIdOf(store, batch);
  return store === null || batchId === null ? undefined : jobNamed(store, batchId, key)?.planned;
}

/** What their sidecars say was paid for them. */
export function correctionsOf(plan: Plan, uncounted: readonly Uncounted[], nowMs: number): CapCorrection[] {
  return uncounted.map(({ job, sidecar }) => {
    const { provider, billedMicros, madeAt } = predictionOf(sidecar, nowMs);
    const { language, labels } = job;
    const expected = billedMicros ?? expectedOf(plan, { job, sidecar }, nowMs);
    const amounts = {
      billedMicros: billedMicros ?? 0,
      inFlightMicros: 0,
      atRiskMicros: billedMicros === null ? (expected ?? 0) : 0,
      unpricedAttempts: expected === null ? 1 : 0,
    };
    return { provider, language, labels, ...amounts, madeAtMs: madeAt };
  });
}

/** Those of unknown amounts, as far as a cap counts them that the user has set: in its way as {@link unpricedAttempts} are. */
export function unpricedResults(
  plan: Plan,
  uncounted: readonly Uncounted[],
  caps: readonly BudgetCap[],
  nowMs: number,
): UnpricedAttempt[] {
  const own = caps.filter(isUserSet);
  return uncounted.flatMap(({ job, sidecar }) => {
    const { provider, route, billedMicros, madeAt: madeAtMs } = predictionOf(sidecar, nowMs);
    if (billedMicros !== null || expectedOf(plan, { job, sidecar }, nowMs) !== null) return [];
    const { key, language, labels } = job;
    const cap = own.find((each) => countsUnder(each, { provider, language, labels, madeAtMs }, nowMs));
    return cap === undefined
      ? []
      : [{ key, batch: plan.batch, route, provider, cap, isUncertain: false, isFailed: false }];
  });
}

/** What one counts at without a bill; `null`: nobody knows. */
function expectedOf(plan: Plan, { job, sidecar }: Uncounted, nowMs: number): Micros | null {
  const { route, estimateMicros } = predictionOf(sidecar, nowMs);
  return estimateMicros ?? priceOfJob(plan, job, route);
}

/** What their bills will have taught by the time that the run buys: see {@link withBills}. */
export function billsBefore(uncounted: readonly Uncounted[], nowMs: number): Bill[] {
  return uncounted.flatMap(({ job, sidecar }) => adoptedBill(job, sidecar, nowMs) ?? []);
}

/** By the manifest's prices; `null`: nobody knows. */
function priceOfJob({ prices }: Plan, { choices, heardMs, durationMs: planned }: PlannedJob, route: RouteId) {
  const durationMs = heardMs ?? planned;
  const { resolution = null, frames = null } = choices.find((choice) => choice.route === route)?.input ?? {};
  return priceOf(prices, { route, resolution, frames, durationMs });
}
