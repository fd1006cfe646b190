import {
  HOLD_REASONS,
  isForAmount,
  isUserSet,
  type JobSnapshot,
  mappedJobs,
  type Plan,
  type SnapshotFrame,
  type StreamedSnapshot,
  waitMend,
  waitWords,
} from '@localize/core';
import { BatchJobs } from '../batch-jobs.js';
import { type FormerSpending, formerSpendingWords } from '../former/former-jobs.js';
import { assignLeft, MADE_BEFORE, type Taken } from '../placement/assign-left.js';
import type { NextRun } from '../placement/jobs-left.js';
import {
  type UnpricedAttempt,
  unpricedAttempts,
  unpricedAttemptWords,
  unpricedMend,
} from '../snapshot/edited-counts.js';
import type { Store } from '../store.js';
import { type InForce, inForce } from './budget-in-force.js';
import { areAnyClosed } from './closed-routes.js';
import { KnownFree } from './known-free.js';
import { blockWords } from './route-blocks.js';

/**
 * A snapshot with how far the budget is used up, with the jobs marked that wait for money, and with what is to be bought
 * where a plan has it. The cap of the last run counts while that run goes on and after it.
 * @param store `null`: there is no state yet, so that nothing was spent.
 * @param next the jobs of a run to come, which has no cap of its own yet.
 * @param former what the next run will count of other names of the batch, where there is no `next` that has it
 */
export function withBudget(
  store: Store | null,
  snapshot: StreamedSnapshot,
  plan: Plan,
  next?: NextRun,
  former?: FormerSpending,
): StreamedSnapshot {
  const force = inForce(store, plan, { nowMs: snapshot.takenAtMs, next, former });
  const free = next ? null : new KnownFree(store, plan, force.batchId);
  // Without caps nothing moves the jobs on, and each is told at the price to be expected already.
  const isAsTold = force.caps.length === 0 && (store === null || isAsStored(plan));
  if (isAsTold && !free?.mayRepeat) return free === null || free.areNoneMade ? snapshot : withMade(snapshot, free);
  const { caps } = force;
  const unpriced =
    next?.unpriced ??
    (store === null
      ? []
      : unpricedAttempts(store, plan, caps, { nowMs: snapshot.takenAtMs, ...(former && { renamed: former.renamed }) }));
  const { places, amounts, outlook, takes } = assignLeft(store, plan, { snapshot, force, free, unpriced, next });
  const jobs = mappedJobs(snapshot.jobs, (job) => {
    const taken = takes(job.key) ?? (next?.isFree?.(job.key) ? MADE_BEFORE : null);
    if (taken !== null) return takenForFree(job, snapshot, taken);
    const placed = places.atPlace(job);
    const waitsForMoney = outlook.waiting.get(job.key);
    const waits: Waits = waitsForMoney === undefined ? amounts.of(job, places.has(job.key)) : { waitsForMoney };
    return { ...placed, ...waits, ...(places.has(job.key) && !waits.waitsForAmount && reopened(job, waits, snapshot)) };
  });
  const warnings = [
    ...snapshot.warnings,
    ...closedWarnings(store, plan, force),
    ...formerWarnings(store, force),
    ...(former?.note ? [former.note] : []),
    ...unpricedWarnings(unpriced),
  ];
  // Until something waits for it, the limit that nobody has set is no news.
  const shown = outlook.caps.filter((cap) => isUserSet(cap) || cap.waitingJobs > 0);
  return { ...snapshot, jobs, warnings, ...(shown.length > 0 && { budget: shown }) };
}

/** What of the budget shows in a snapshot besides its jobs, in one text. */
export function budgetFacts(store: Store, plan: Plan, nowMs: number): string {
  const force = inForce(store, plan, { nowMs });
  return JSON.stringify(force.caps.length > 0 && [force.caps, force.spent, closedWarnings(store, plan, force)]);
}

type Waits = Partial<Pick<JobSnapshot, 'waitsForMoney' | 'waitsForAmount' | 'reason' | 'mend'>>;

/** What a job is told by that was held for a bill above its reservation, once its route takes creates again. */
function reopened({ state, holdReason }: JobSnapshot, { waitsForMoney }: Waits, { manifest }: SnapshotFrame): Waits {
  if (state !== 'held' || holdReason !== 'price-risen') return {};
  const next = waitsForMoney === undefined ? 'the next run buys it' : `it ${waitWords(waitsForMoney)}`;
  return {
    reason: `${HOLD_REASONS[holdReason].words}; by now creates go there again, and ${next}`,
    mend: waitsForMoney === undefined ? `localize ${manifest}` : waitMend(waitsForMoney, manifest),
  };
}

/** Without caps: what is there already costs nothing more. */
function withMade(snapshot: StreamedSnapshot, free: KnownFree): StreamedSnapshot {
  const jobs = mappedJobs(snapshot.jobs, (job) =>
    free.isWaitingMade(job) ? takenForFree(job, snapshot, MADE_BEFORE) : job,
  );
  return { ...snapshot, jobs };
}

/** A job that waits, or is held, until the next run takes for it what is bought once: there or for another. */
function takenForFree(
  { alternatives: _, ...job }: JobSnapshot,
  { manifest }: SnapshotFrame,
  taken: Taken,
): JobSnapshot {
  const { state, holdReason } = job;
  if (state !== 'pending' && state !== 'staging' && state !== 'held') return job;
  const { of, when } = taken;
  const told = of !== null && state !== 'held' && { reason: servedWords(of, when) };
  const free = { ...job, estimateMicros: 0, ...told };
  if (when !== 'at once' || state !== 'held' || holdReason === null || !isForAmount(holdReason)) return free;
  const reason = `${HOLD_REASONS[holdReason].words}; by now the next run takes the same result for it, for free`;
  return { ...free, reason, mend: `localize ${manifest}` };
}

/** Why nothing is bought for a job that waits. */
function servedWords(of: string, when: Taken['when']): string {
  const wait = when === 'at once' ? '' : ', once there is room for that';
  return `takes the result of ${of}, which is made of the very same${wait}`;
}

/** Whether its jobs are read from the state, so that they are what that tells. */
function isAsStored({ jobs }: Plan): boolean {
  return jobs instanceof BatchJobs && jobs.isInState;
}

/** What the caps count that no job of the batch shows. */
function formerWarnings(store: Store | null, { batchId, caps }: InForce): string[] {
  if (store === null || !caps.some(({ period }) => period === 'batch')) return [];
  return [formerSpendingWords(store, batchId) ?? []].flat();
}

/** What keeps anything from being bought under a cap until there is a price. */
function unpricedWarnings(unpriced: readonly UnpricedAttempt[]): string[] {
  if (unpriced.length === 0) return [];
  return [`${unpricedAttemptWords(unpriced)}; ${unpricedMend(unpriced)}`];
}

/** Routes that a bill has closed, where the plan has a use for them: also when no job is left that would go there. */
function closedWarnings(store: Store | null, { jobs }: Plan, { blocks }: InForce): string[] {
  if (store === null || !areAnyClosed(store)) return [];
  const words = new Set<string>();
  for (const job of jobs) {
    for (const choice of job.choices) {
      const block = blocks(job, choice);
      if (block?.kind === 'closed') words.add(blockWords(choice.route, block));
    }
  }
  return [...words];
}
