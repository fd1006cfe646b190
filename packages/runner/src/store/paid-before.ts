import { type BudgetCap, type CapSpending, covers, type Micros } from '@localize/core';
import { isOutOf } from './spending.js';

/** What was paid for a result before the state was lost, which the next run will count before it buys. */
export interface PaidBefore {
  readonly provider: string;
  readonly language: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly billedMicros: Micros;
  /** Nobody states its bill: its estimate. */
  readonly atRiskMicros: Micros;
  readonly madeAtMs: number;
  /** The state counts it for the batch under another name: all but the caps of the whole batch have it already. */
  readonly isFormerName?: true;
  readonly inFlightMicros?: Micros;
}

/** What was spent under each cap, with what the next run will count: under every cap but a run's own. */
export function withPaidBefore(
  caps: readonly BudgetCap[],
  spent: readonly CapSpending[],
  before: readonly PaidBefore[],
  nowMs: number,
): CapSpending[] {
  return caps.map((cap, index) => {
    const sum = { ...(spent[index] ?? { billedMicros: 0, inFlightMicros: 0, atRiskMicros: 0 }) };
    for (const paid of before) {
      if (!covers(cap, paid) || isOutOf(cap.period, paid.madeAtMs, nowMs)) continue;
      if (paid.isFormerName && cap.period !== 'batch') continue;
      sum.billedMicros += paid.billedMicros;
      sum.inFlightMicros += paid.inFlightMicros ?? 0;
      sum.atRiskMicros += paid.atRiskMicros;
    }
    return sum;
  });
}
