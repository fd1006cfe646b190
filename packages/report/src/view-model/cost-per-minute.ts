import type { JobSnapshot, Micros } from '@localize/core';
import type { MoneyFigures } from './money-figures.js';

export interface CostPerMinute {
  readonly micros: Micros;
  /** Some attempts have no known price, so that the true figure is higher. */
  readonly atLeast: boolean;
}

const MS_PER_MINUTE = 60_000;

/**
 * What a finished minute cost: all that was billed, failures included, over the length of what came out of it. A
 * video that was taken over costs nothing and says nothing of what making one costs.
 * `null` when nothing is finished, when a finished length is unknown, or when no price at all is known.
 */
export function costPerMinute(money: MoneyFigures, finished: readonly JobSnapshot[]): CostPerMinute | null {
  let finishedMs = 0;
  for (const job of finished) {
    if (job.takenFrom) continue;
    if (job.outputDurationMs === null) return null;
    finishedMs += job.outputDurationMs;
  }
  const nothingKnown = money.billedMicros === 0 && money.unpricedAttempts > 0;
  if (finishedMs === 0 || nothingKnown) return null;
  return {
    micros: Math.round((money.billedMicros * MS_PER_MINUTE) / finishedMs),
    atLeast: money.unpricedAttempts > 0,
  };
}
