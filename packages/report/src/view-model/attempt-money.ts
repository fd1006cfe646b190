import type { AttemptSnapshot, Micros } from '@localize/core';
import { OPEN_ATTEMPT_STATES } from '@localize/core';

/**
 * What became of the money of one attempt. Each attempt falls in exactly one class:
 *
 * - `billed`: charged, and the result is there or still on its way.
 * - `charged-but-failed`, `lost`: charged for nothing; both are parts of what was billed.
 * - `in-flight`: accepted or about to be sent; the estimate is reserved.
 * - `at-risk`: nobody knows whether it was bought; the estimate may have been charged.
 * - `not-charged`: refused, or failed with a bill of zero.
 * - `unpriced`: it cost, or may have cost, an amount that nobody knows.
 */
export type MoneyClass =
  | 'billed'
  | 'charged-but-failed'
  | 'lost'
  | 'in-flight'
  | 'at-risk'
  | 'not-charged'
  | 'unpriced';

export interface AttemptMoney {
  readonly class: MoneyClass;
  /** The amount in its class; `null` where nobody knows one. */
  readonly micros: Micros | null;
}

/** Classifies one attempt the way `costTotals` of the core does, and splits what was billed for nothing. */
export function attemptMoney(attempt: AttemptSnapshot): AttemptMoney {
  if (attempt.state === 'refused') return { class: 'not-charged', micros: attempt.estimateMicros };
  if (attempt.billedMicros !== null) return chargedMoney(attempt, attempt.billedMicros);
  if (attempt.estimateMicros === null) return { class: 'unpriced', micros: null };
  if (attempt.state === 'uncertain' || attempt.state === 'abandoned') {
    return { class: 'at-risk', micros: attempt.estimateMicros };
  }
  if (isOpen(attempt)) return { class: 'in-flight', micros: attempt.estimateMicros };
  return { class: 'unpriced', micros: null };
}

function chargedMoney(attempt: AttemptSnapshot, billedMicros: Micros): AttemptMoney {
  if (attempt.state === 'lost') return { class: 'lost', micros: billedMicros };
  if (attempt.state !== 'failed') return { class: 'billed', micros: billedMicros };
  if (billedMicros === 0) return { class: 'not-charged', micros: attempt.estimateMicros };
  return { class: 'charged-but-failed', micros: billedMicros };
}

/** Whether the attempt may have something running at the provider. */
export function isOpen(attempt: AttemptSnapshot): boolean {
  return (OPEN_ATTEMPT_STATES as readonly string[]).includes(attempt.state);
}
