import { type BudgetCap, formatUsd, type Micros } from '@localize/core';
import { leaveBlockedRoutes } from '../lanes/reassign.js';
import type { RunContext } from '../run-context.js';

/**
 * A cap has no room for the next job: nothing under it is bought any more in this run, while all that is out there is
 * followed to its end. Jobs go to a route that the cap does not cover where they have one.
 */
export function meetCap(context: RunContext, cap: BudgetCap, shortMicros: Micros): void {
  const { met } = context.spending;
  const isNews = !met.has(cap);
  met.add(cap);
  const everything = cap.scope.kind === 'all';
  if (everything) context.spending.capped = true;
  else leaveBlockedRoutes(context);
  if (!isNews) return;
  const what = everything ? 'no further create leaves' : 'no further create leaves under it';
  const message = `${cap.name} is met, and ${what}: the next job needs $${formatUsd(shortMicros)} more than it leaves`;
  context.journal.tell({ type: 'budget:met', cap: cap.name, everything, message });
}
