import {
  type BudgetSettings,
  covers,
  isUserSet,
  type Micros,
  type RouteChoice,
  unknownUnder,
  withMargin,
} from '@localize/core';
import type { JobRow, Store } from '../store.js';
import type { Prices } from './accepted-prices.js';
import { whyClosed } from './closed-routes.js';
import { awaitsPrice, expectedPrice, isPriceUntold, lostPrice } from './seen-prices.js';
import { leftOf } from './spending.js';

/** What a create may take up under the budget, or why it must not leave. */
export type Reservation =
  | {
      readonly outcome: 'reserved';
      readonly estimateMicros: Micros | null;
      /** With the margin; `null` where no cap that the user has set covers the job, and for the create that is to show a route's price. */
      readonly reservedMicros: Micros | null;
    }
  /** Some cap has no room for it now. */
  | { readonly outcome: 'over-budget' }
  /**
   * A cap counts it, and nobody knows its price, or more of it than a minimum without the user's word for any amount; or
   * only a person can say what became of the create that was to show it.
   */
  | { readonly outcome: 'unpriced' }
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
  { choice, budget, batchId, prices }: { choice: RouteChoice; budget: BudgetSettings; batchId: number; prices: Prices },
  { planned }: JobRow,
  run: { readonly runId: string | null; readonly nowMs: number; readonly wallMs: number },
): Reservation {
  const expected = expectedPrice(store, choice, planned.durationMs, prices);
  const { micros: estimateMicros } = expected;
  const firm = expected.certainty !== 'floor';
  const spender = { provider: choice.provider, language: planned.language, labels: planned.labels };
  const caps = budget.caps.filter((cap) => covers(cap, spender));
  if (caps.length === 0) return { outcome: 'reserved', estimateMicros, reservedMicros: null };
  const why = whyClosed(store, choice.route, prices);
  if (why !== null && caps.some(isUserSet)) return { outcome: 'route-closed', why };
  if (estimateMicros === null || unknownUnder(caps, expected) !== null) return { outcome: 'unpriced' };
  if (!firm && awaitsPrice(store, choice.route, run.nowMs)) return { outcome: 'awaits-price' };
  if (!firm && lostPrice(store, choice.route, run.nowMs) !== null) return { outcome: 'unpriced' };
  if (!firm && isPriceUntold(store, choice.route, run.nowMs)) return { outcome: 'unpriced' };
  const amount = withMargin(estimateMicros, budget.marginPercent);
  const spenders = { batchId, ...run };
  if (caps.some((cap) => leftOf(store, cap, spenders) < amount)) return { outcome: 'over-budget' };
  return { outcome: 'reserved', estimateMicros, reservedMicros: firm && caps.some(isUserSet) ? amount : null };
}
