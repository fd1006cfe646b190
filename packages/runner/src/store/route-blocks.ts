import { type BudgetCap, covers, isUserSet, type PlannedJob, type RouteChoice, type RouteId } from '@localize/core';
import { closedRoutes } from './closed-routes.js';
import { expectedPrice, isPriceUntold } from './seen-prices.js';
import type { Store } from './store.js';

/** Why no create under a budget goes to a route, whatever room the caps have. */
export interface RouteBlock {
  /** `closed`: it billed more than was reserved; `untold`: nobody tells what it bills. */
  readonly kind: 'closed' | 'untold';
  readonly why: string;
}

/** Tells what is in the way of a job's choice; `null`: nothing. Only what a cap counts is ever blocked. */
export function routeBlocks(
  store: Store,
  caps: readonly BudgetCap[],
  nowMs: number,
): (job: PlannedJob, choice: RouteChoice) => RouteBlock | null {
  const closed = closedRoutes(store);
  const untold = new Map<RouteId, boolean>();
  const isUntold = (route: RouteId) => {
    const known = untold.get(route) ?? isPriceUntold(store, route, nowMs);
    untold.set(route, known);
    return known;
  };
  return ({ language, labels, durationMs }, choice) => {
    const { route, provider } = choice;
    const own = caps.filter((cap) => covers(cap, { provider, language, labels }));
    if (own.length === 0) return null;
    const why = own.some(isUserSet) ? closed.get(route) : undefined;
    if (why !== undefined) return { kind: 'closed', why };
    if (expectedPrice(store, choice, durationMs).certainty !== 'floor' || !isUntold(route)) return null;
    return { kind: 'untold', why: 'it accepted a create without saying what it costs' };
  };
}

/** The same for people, with what mends it. */
export function blockWords(route: RouteId, why: string): string {
  return `${route} takes no further creates: ${why}; set providers.${route.split('/')[0]}.price`;
}
