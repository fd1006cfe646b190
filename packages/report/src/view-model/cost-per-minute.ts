import type { JobSnapshot, Micros } from '@localize/core';
import type { MoneyFigures } from './money-figures.js';

export interface CostPerMinute {
  readonly micros: Micros;
  /** Some attempts have no known price, so that the true figure is higher. */
  readonly atLeast: boolean;
}

const MS_PER_MINUTE = 60_000;

/**
 * The length of finished videos together; `null` once one of them is unknown. A video that was taken over costs nothing
 * and says nothing of what making one costs.
 */
export function addLength(finishedMs: number | null, { outputDurationMs, takenFrom }: JobSnapshot): number | null {
  if (takenFrom) return finishedMs;
  return finishedMs === null || outputDurationMs === null ? null : finishedMs + outputDurationMs;
}

/**
 * What a finished minute cost: all that was billed, failures included, over the length of what came out of it.
 * `null` when nothing is finished, when a finished length is unknown, or when no price at all is known.
 * @param finishedMs as {@link addLength} sums it
 */
export function costPerMinute(money: MoneyFigures, finishedMs: number | null): CostPerMinute | null {
  const nothingKnown = money.billedMicros === 0 && money.unpricedAttempts > 0;
  if (finishedMs === null || finishedMs === 0 || nothingKnown) return null;
  return {
    micros: Math.round((money.billedMicros * MS_PER_MINUTE) / finishedMs),
    atLeast: money.unpricedAttempts > 0,
  };
}
