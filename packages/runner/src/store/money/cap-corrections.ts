import { type BudgetCap, type CapSpending, covers, NOTHING_SPENT, type Spender } from '@localize/core';
import { isOutOf } from './spending.js';

/**
 * What the next run will count before it buys, and the state's sums do not: what was paid for a result before the state
 * was lost, or what an edit of the manifest changes of them. Amounts may be negative: an edit takes them from elsewhere.
 */
export interface CapCorrection extends Spender, CapSpending {
  readonly madeAtMs: number;
  /**
   * Under which caps, apart from a run's own, which count none: absent under all. `former`: under those of the whole batch
   * alone, since the state counts it under the batch's former name elsewhere. `elsewhere`: under those of a day or a month
   * alone, since another batch has spent it.
   */
  readonly counts?: 'former' | 'elsewhere';
}

/** What was spent under each cap, with what the next run will count. */
export function withCorrections(
  caps: readonly BudgetCap[],
  spent: readonly CapSpending[],
  before: readonly CapCorrection[],
  nowMs: number,
): CapSpending[] {
  return caps.map((cap, index) => {
    const sum = { ...(spent[index] ?? NOTHING_SPENT) };
    for (const paid of before) {
      if (!countsUnder(cap, paid, nowMs)) continue;
      sum.billedMicros += paid.billedMicros;
      sum.inFlightMicros += paid.inFlightMicros;
      sum.atRiskMicros += paid.atRiskMicros;
      sum.unpricedAttempts += paid.unpricedAttempts;
    }
    return sum;
  });
}

/** Whether a cap counts it. */
export function countsUnder(
  cap: BudgetCap,
  paid: Spender & Pick<CapCorrection, 'madeAtMs' | 'counts'>,
  nowMs: number,
): boolean {
  if (!covers(cap, paid) || isOutOf(cap.period, paid.madeAtMs, nowMs)) return false;
  return paid.counts === undefined || (paid.counts === 'former') === (cap.period === 'batch');
}
