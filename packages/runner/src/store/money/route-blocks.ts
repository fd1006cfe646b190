import {
  type BudgetCap,
  billOf,
  covers,
  isUserSet,
  mendCommand,
  type Plan,
  type PlannedJob,
  type RouteChoice,
  type RouteId,
  shellWord,
} from '@localize/core';
import type { Store } from '../store.js';
import { type ClosedRoute, closedRoutes } from './closed-routes.js';
import { expectedPrice, isPriceUntold, type LostPrice, lostPrice } from './seen-prices.js';

/** Why no create under a budget goes to a route, whatever room the caps have. */
export type RouteBlock =
  /** It billed more than was reserved. */
  | ({ readonly kind: 'closed' } & Pick<ClosedRoute, 'why' | 'cause'>)
  /** Nobody tells what it bills. */
  | { readonly kind: 'untold'; readonly why: string }
  /** The reply that was to tell what it bills was lost, and only a person can say what became of that create. */
  | { readonly kind: 'lost'; readonly why: string; readonly lost: LostPrice };

/**
 * Tells what is in the way of a job's choice; `null`: nothing. Only what a cap counts is ever blocked.
 * @param prices of the batch: a route is closed for it by a bill that these do not cover
 */
export function routeBlocks(
  store: Store,
  caps: readonly BudgetCap[],
  nowMs: number,
  prices: Plan['prices'],
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
    const known = own.some(isUserSet) ? closed.get(route) : undefined;
    if (known !== undefined) return { kind: 'closed', why: known.why, cause: known.cause };
    // Nothing that was seen makes a floor of another price.
    if (billOf(choice).certainty !== 'floor') return null;
    return expectedPrice(store, choice, durationMs, prices).certainty === 'floor' ? blockOfFloor(route) : null;
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
export function blockWords(route: RouteId, block: RouteBlock): string {
  return `${route} takes no further creates: ${block.why}; ${mendOf(route, block)}`;
}

function mendOf(route: RouteId, block: RouteBlock): string {
  const price = `providers.${route.split('/')[0]}.price`;
  if (block.kind === 'lost') return `settle it, or set ${price}`;
  if (isOfLength(block)) return 'set its right duration, and `localize retry` lets the route go on';
  return block.kind === 'closed'
    ? `set a ${price} that covers it, or accept it with \`localize retry\``
    : `set ${price}`;
}

/** Not the price was wrong, but a length that the manifest states. */
export function isOfLength(block: RouteBlock): boolean {
  return block.kind === 'closed' && block.cause === 'length';
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
