import {
  type BudgetCap,
  covers,
  isUserSet,
  mendCommand,
  type Plan,
  type PlannedJob,
  type RouteChoice,
  type RouteId,
  shellWord,
} from '@localize/core';
import { closedRoutes } from './closed-routes.js';
import { expectedPrice, isPriceUntold, type LostPrice, lostPrice } from './seen-prices.js';
import type { Store } from './store.js';

/** Why no create under a budget goes to a route, whatever room the caps have. */
export type RouteBlock =
  /** `closed`: it billed more than was reserved; `untold`: nobody tells what it bills. */
  | { readonly kind: 'closed' | 'untold'; readonly why: string }
  /** The reply that was to tell what it bills was lost, and only a person can say what became of that create. */
  | { readonly kind: 'lost'; readonly why: string; readonly lost: LostPrice };

/**
 * Tells what is in the way of a job's choice; `null`: nothing. Only what a cap counts is ever blocked.
 * @param prices of a run to come, which reopens the routes whose price was set anew
 */
export function routeBlocks(
  store: Store,
  caps: readonly BudgetCap[],
  nowMs: number,
  prices?: Plan['prices'],
): (job: PlannedJob, choice: RouteChoice) => RouteBlock | null {
  const closed = closedRoutes(store, prices);
  const floors = new Map<RouteId, RouteBlock | null>();
  const blockOfFloor = (route: RouteId) => {
    const known = floors.get(route);
    if (known !== undefined) return known;
    const block = whyFloorBlocks(store, route, nowMs);
    floors.set(route, block);
    return block;
  };
  return ({ language, labels, durationMs }, choice) => {
    const { route, provider } = choice;
    const own = caps.filter((cap) => covers(cap, { provider, language, labels }));
    if (own.length === 0) return null;
    const why = own.some(isUserSet) ? closed.get(route) : undefined;
    if (why !== undefined) return { kind: 'closed', why };
    return expectedPrice(store, choice, durationMs).certainty === 'floor' ? blockOfFloor(route) : null;
  };
}

function whyFloorBlocks(store: Store, route: RouteId, nowMs: number): RouteBlock | null {
  const lost = lostPrice(store, route, nowMs);
  if (lost !== null) {
    const why = `the reply to ${lost.key} of batch ${lost.batch}, which was to tell its price, was lost, and only you can say whether that was bought`;
    return { kind: 'lost', why, lost };
  }
  if (!isPriceUntold(store, route, nowMs)) return null;
  return { kind: 'untold', why: 'it accepted a create without saying what it costs' };
}

/** The same for people, with what mends it. */
export function blockWords(route: RouteId, { kind, why }: Pick<RouteBlock, 'kind' | 'why'>): string {
  const mend = `set providers.${route.split('/')[0]}.price`;
  return `${route} takes no further creates: ${why}; ${kind === 'lost' ? `settle it, or ${mend}` : mend}`;
}

/** Why a route takes nothing that a cap counts: nobody has said what it bills. */
export function unpricedRouteWords(
  { route, provider }: Pick<RouteChoice, 'route' | 'provider'>,
  cap: BudgetCap,
): string {
  return `${route} has no known price, and ${cap.name} caps it: set providers.${provider}.price`;
}

/** The command that settles the create whose reply was lost. @param own the batch that asks, as its user names it */
export function settleCommand(
  { batch, manifestPath, key, provider, attempt }: LostPrice,
  own: { readonly batch: string; readonly manifest: string },
): string {
  return mendCommand('price-lost', {
    manifest: batch === own.batch ? own.manifest : shellWord(manifestPath),
    key,
    provider,
    attempt,
  });
}
