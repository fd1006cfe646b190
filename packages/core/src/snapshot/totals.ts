import type { Micros } from '../money/money.js';
import { expectedCost } from './open-money.js';
import type { AttemptSnapshot, JobSnapshot } from './snapshot.js';

export interface JobTotals {
  readonly jobs: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly held: number;
  readonly canceled: number;
  readonly orphaned: number;
}

export interface CostTotals {
  /** Estimates of all jobs that are still in the manifest. */
  readonly estimatedMicros: Micros;
  readonly billedMicros: Micros;
  /** Reserved for accepted attempts that are not settled. */
  readonly inFlightMicros: Micros;
  /** Estimates of what was or may have been charged without anybody saying how much: lost creates above all. */
  readonly atRiskMicros: Micros;
  /** Charged, and the result is gone. Part of billed. */
  readonly lostMicros: Micros;
  /** Attempts that cost something nobody knows. */
  readonly unpricedAttempts: number;
}

/**
 * Counts jobs by state; an orphaned job is counted once, as orphaned. One whose media is staged, and for which nothing is
 * bought yet, is pending.
 */
export function jobTotals(jobs: Iterable<Pick<JobSnapshot, 'state' | 'orphaned'>>): JobTotals {
  const totals = emptyTotals();
  for (const job of jobs) countJob(totals, job);
  return totals;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Before any job was counted. */
export function emptyTotals(): Mutable<JobTotals> {
  return {
    jobs: 0,
    pending: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    held: 0,
    canceled: 0,
    orphaned: 0,
  };
}

/** Counts one job more, as {@link jobTotals} does. */
export function countJob(totals: Mutable<JobTotals>, job: Pick<JobSnapshot, 'state' | 'orphaned'>): void {
  totals.jobs += 1;
  if (job.orphaned) totals.orphaned += 1;
  else if (job.state === 'staging') totals.pending += 1;
  else if (['submitting', 'processing', 'downloading'].includes(job.state)) totals.running += 1;
  else totals[job.state as 'pending' | 'succeeded' | 'failed' | 'held' | 'canceled'] += 1;
}

/** The part of a job that money is counted from. */
export type CostedJob = Pick<JobSnapshot, 'orphaned' | 'estimateMicros' | 'attempts'>;

/** Sums the money of a batch. Each attempt falls in exactly one of billed, in flight, at risk, or not charged. */
export function costTotals(jobs: readonly CostedJob[]): CostTotals {
  const totals = {
    estimatedMicros: 0,
    billedMicros: 0,
    inFlightMicros: 0,
    atRiskMicros: 0,
    lostMicros: 0,
    unpricedAttempts: 0,
  };
  for (const job of jobs) {
    if (!job.orphaned) totals.estimatedMicros += job.estimateMicros ?? 0;
    for (const attempt of job.attempts) addAttempt(totals, attempt);
  }
  return totals;
}

function addAttempt(totals: Mutable<CostTotals>, attempt: AttemptSnapshot): void {
  if (attempt.state === 'refused') return;
  if (attempt.billedMicros !== null) {
    totals.billedMicros += attempt.billedMicros;
    // One that was given up is billed where somebody found its lost create on a bill.
    if (attempt.state === 'lost' || attempt.state === 'abandoned') totals.lostMicros += attempt.billedMicros;
    return;
  }
  const reserved = expectedCost(attempt);
  if (reserved === null || attempt.state === 'completed' || attempt.state === 'lost') totals.unpricedAttempts += 1;
  if (attempt.state === 'intended' || attempt.state === 'accepted') totals.inFlightMicros += reserved ?? 0;
  // A lost create, a failure of which the provider does not tell, a result whose bill nobody states.
  else totals.atRiskMicros += reserved ?? 0;
}

/** Whether a create was refused for the rate. */
export function isRateLimited({ state, failure }: Pick<AttemptSnapshot, 'state' | 'failure'>): boolean {
  return state === 'refused' && failure?.kind === 'rate-limit';
}

/** Creates of these jobs that were refused for the rate. What other batches met on the same lanes is theirs. */
export function rateLimitedTotal(jobs: Iterable<Pick<JobSnapshot, 'attempts'>>): number {
  let total = 0;
  for (const { attempts } of jobs) for (const attempt of attempts) if (isRateLimited(attempt)) total += 1;
  return total;
}
