import { type BudgetCap, type BudgetSettings, covers, type Micros, type RouteChoice, withMargin } from '@localize/core';
import { whyClosed } from './closed-routes.js';
import { awaitsPrice, expectedPrice } from './seen-prices.js';
import { shortOfBudget } from './spending.js';
import type { JobRow, Store } from './store.js';

/** What a create may take up under the budget, or why it must not leave. */
export type Reservation =
  | {
      readonly outcome: 'reserved';
      readonly estimateMicros: Micros | null;
      /** With the margin; `null` where no cap covers the job, and for the create that is to show a route's price. */
      readonly reservedMicros: Micros | null;
    }
  /** `neededMicros`: how far the cap falls short; `null` when the price is unknown. */
  | { readonly outcome: 'over-budget'; readonly neededMicros: Micros | null; readonly cap: BudgetCap }
  /** The one create that is to show the route's price has no reply yet. */
  | { readonly outcome: 'awaits-price' }
  | { readonly outcome: 'route-closed'; readonly why: string };

/**
 * Whether every cap that covers a job has room for it: billed, in flight, at risk and this create's own estimate with
 * the margin must stay within each. Called inside the buying transaction, so that nothing comes between the sum and the
 * row that adds to it.
 */
export function reserveMoney(
  store: Store,
  { choice, budget, batchId }: { choice: RouteChoice; budget: BudgetSettings; batchId: number },
  { planned }: JobRow,
  run: { readonly runId: string | null; readonly nowMs: number },
): Reservation {
  const { micros: estimateMicros, firm } = expectedPrice(store, choice, planned.durationMs);
  const spender = { provider: choice.provider, language: planned.language, labels: planned.labels };
  const caps = budget.caps.filter((cap) => covers(cap, spender));
  const [first] = caps;
  if (first === undefined) return { outcome: 'reserved', estimateMicros, reservedMicros: null };
  const why = whyClosed(store, choice.route);
  if (why !== null) return { outcome: 'route-closed', why };
  if (estimateMicros === null) return { outcome: 'over-budget', neededMicros: null, cap: first };
  if (!firm && awaitsPrice(store, choice.route, run.nowMs)) return { outcome: 'awaits-price' };
  const amount = withMargin(estimateMicros, budget.marginPercent);
  const { micros, cap } = shortOfBudget(store, caps, amount, { batchId, ...run });
  if (cap !== null) return { outcome: 'over-budget', neededMicros: micros, cap };
  return { outcome: 'reserved', estimateMicros, reservedMicros: firm ? amount : null };
}
