import type { AttemptSnapshot, JobSnapshot, Micros } from '@localize/core';
import { attemptMoney } from './attempt-money.js';
import { type Tally, tallied } from './tally.js';

/** The money of some jobs or attempts, told apart. Unknown amounts are counted, never taken for zero. */
export interface MoneyFigures {
  /** Estimates of the jobs, where there is one. */
  readonly estimatedMicros: Micros;
  /** Jobs whose route has no published price. */
  readonly jobsWithoutEstimate: number;
  readonly attempts: number;
  /** All that was charged, whatever came of it. */
  readonly billedMicros: Micros;
  /** The part of billed that rests on our price formula instead of the provider's word. */
  readonly billedByFormulaMicros: Micros;
  /** Part of billed: the prediction failed and was charged all the same. */
  readonly chargedButFailedMicros: Micros;
  /** Part of billed: paid, and the result is gone. */
  readonly lostMicros: Micros;
  readonly inFlightMicros: Micros;
  /** Estimates of what was or may have been charged, and nobody says how much. */
  readonly atRiskMicros: Micros;
  readonly atRiskAttempts: number;
  /** Attempts that ended without a charge: refused, or failed with a bill of zero. */
  readonly notChargedAttempts: number;
  /** What those would have cost, as far as it is known. */
  readonly notChargedMicros: Micros;
  /** Those of them of which it is not known. */
  readonly notChargedUnknown: number;
  /** Attempts that cost something nobody knows. */
  readonly unpricedAttempts: number;
  /** Those of them for which there is no estimate either. */
  readonly unknownAttempts: number;
}

/** All that was billed as far as anybody knows; `null` where nothing is known of it. */
export function knownBilled({ billedMicros, unpricedAttempts }: MoneyFigures): Micros | null {
  return unpricedAttempts > 0 && billedMicros === 0 ? null : billedMicros;
}

/** The estimates that there are; `null` where there are jobs and none has one. */
export function knownEstimated({ estimatedMicros, jobsWithoutEstimate }: MoneyFigures): Micros | null {
  return jobsWithoutEstimate > 0 && estimatedMicros === 0 ? null : estimatedMicros;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Adds up money one job and one attempt at a time. */
export class MoneySum implements Tally<MoneyFigures> {
  readonly #figures: Mutable<MoneyFigures> = {
    estimatedMicros: 0,
    jobsWithoutEstimate: 0,
    attempts: 0,
    billedMicros: 0,
    billedByFormulaMicros: 0,
    chargedButFailedMicros: 0,
    lostMicros: 0,
    inFlightMicros: 0,
    atRiskMicros: 0,
    atRiskAttempts: 0,
    notChargedAttempts: 0,
    notChargedMicros: 0,
    notChargedUnknown: 0,
    unpricedAttempts: 0,
    unknownAttempts: 0,
  };

  /** A copy that goes on by itself. */
  copy(): MoneySum {
    const copied = new MoneySum();
    Object.assign(copied.#figures, this.#figures);
    return copied;
  }

  add(job: JobSnapshot): void {
    this.addEstimate(job);
    for (const attempt of job.attempts) this.addAttempt(attempt);
  }

  /** The estimate of a job that left the manifest is no part of what the batch will cost. */
  addEstimate(job: JobSnapshot): void {
    if (job.orphaned) return;
    if (job.estimateMicros === null) this.#figures.jobsWithoutEstimate += 1;
    else this.#figures.estimatedMicros += job.estimateMicros;
  }

  addAttempt(attempt: AttemptSnapshot): void {
    const figures = this.#figures;
    const { class: kind, micros, totals } = attemptMoney(attempt);
    figures.attempts += 1;
    figures.billedMicros += totals.billedMicros;
    figures.lostMicros += totals.lostMicros;
    figures.inFlightMicros += totals.inFlightMicros;
    figures.atRiskMicros += totals.atRiskMicros;
    figures.unpricedAttempts += totals.unpricedAttempts;
    if (attempt.costSource === 'price') figures.billedByFormulaMicros += totals.billedMicros;
    if (kind === 'charged-but-failed') figures.chargedButFailedMicros += totals.billedMicros;
    if (kind === 'at-risk' || totals.atRiskMicros > 0) figures.atRiskAttempts += 1;
    if (kind === 'unpriced' && micros === null) figures.unknownAttempts += 1;
    if (kind === 'not-charged') {
      figures.notChargedAttempts += 1;
      figures.notChargedMicros += micros ?? 0;
      if (micros === null) figures.notChargedUnknown += 1;
    }
  }

  result(): MoneyFigures {
    return this.#figures;
  }
}

/** The money of these jobs and of all their attempts. */
export function moneyFigures(jobs: Iterable<JobSnapshot>): MoneyFigures {
  return tallied(jobs, new MoneySum());
}
