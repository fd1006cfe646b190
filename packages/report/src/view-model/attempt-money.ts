import { type AttemptSnapshot, type CostTotals, costTotals, expectedCost, type Micros } from '@localize/core';

/**
 * What became of the money of one attempt. Each attempt falls in exactly one class:
 *
 * - `billed`: charged, and the result is there or still on its way.
 * - `charged-but-failed`, `lost`: charged for nothing; both are parts of what was billed.
 * - `in-flight`: accepted or about to be sent; the provider's quote, else the estimate, is reserved.
 * - `at-risk`: nobody knows whether it was charged; that much may have been.
 * - `not-charged`: refused, or failed with a bill of zero.
 * - `unpriced`: it cost, or may have cost, an amount that nobody tells.
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
  /** The amount in its class; for `unpriced` what it was expected to cost; `null` where nobody knows one. */
  readonly micros: Micros | null;
  /** How the core counts this attempt: the figures of every command and document come from that one place. */
  readonly totals: CostTotals;
}

/** A report looks at each attempt many times: once for each way to split the money. */
const known = new WeakMap<AttemptSnapshot, AttemptMoney>();

/** Classifies one attempt. */
export function attemptMoney(attempt: AttemptSnapshot): AttemptMoney {
  const found = known.get(attempt);
  if (found) return found;
  const money = classify(attempt);
  known.set(attempt, money);
  return money;
}

function classify(attempt: AttemptSnapshot): AttemptMoney {
  const totals = costTotals([{ orphaned: true, estimateMicros: null, attempts: [attempt] }]);
  const expected = expectedCost(attempt);
  if (attempt.state === 'refused') return { class: 'not-charged', micros: expected, totals };
  if (attempt.billedMicros !== null) return chargedMoney(attempt, attempt.billedMicros, totals);
  if (totals.unpricedAttempts > 0) return { class: 'unpriced', micros: expected, totals };
  const open = attempt.state === 'intended' || attempt.state === 'accepted';
  return { class: open ? 'in-flight' : 'at-risk', micros: expected, totals };
}

function chargedMoney(attempt: AttemptSnapshot, micros: Micros, totals: CostTotals): AttemptMoney {
  if (attempt.state === 'lost' || (attempt.state === 'abandoned' && attempt.billedMicros !== null))
    return { class: 'lost', micros, totals };
  if (attempt.state !== 'failed') return { class: 'billed', micros, totals };
  if (micros === 0) return { class: 'not-charged', micros: expectedCost(attempt), totals };
  return { class: 'charged-but-failed', micros, totals };
}
