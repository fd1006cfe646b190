import type { BillSeen, PriceFormula, RouteId } from '@localize/core';
import { acceptBills, isPriceOf, type Prices } from './accepted-prices.js';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/**
 * Routes that have billed more than was reserved by their price, and take no creates under a budget at that price until a
 * person has looked. Each batch has its own prices: one that has another goes on, and changes nothing for the others.
 */

/** @param prices of the batch that asks; at a price that it does not tell, a route is closed where it is at any */
export function whyClosed(store: Store, route: RouteId, prices: Prices): string | null {
  return closedRoutes(store, prices).get(route)?.why ?? null;
}

/** Each of them, with why it is closed. @param prices of the batch that asks */
export function closedRoutes(store: Store, prices: Prices = {}): ReadonlyMap<RouteId, ClosedRoute> {
  const closed = closedRows(store).filter((row) => isPriceOf(row, prices));
  return new Map(closed.map((row) => [row.route, row]));
}

/** @returns whether it was open. */
export function closeRoute(
  store: Store,
  route: RouteId,
  { why, cause, price, atMs }: Omit<ClosedRoute, 'route'> & { price: PriceFormula | undefined; atMs: number },
): boolean {
  const closed = prepared<[string, string, string, string, number], unknown>(
    store,
    'INSERT INTO closed_routes (route, why, cause, price, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(route, why, cause, JSON.stringify(price ?? null), atMs);
  return closed.changes === 1;
}

/** A route that takes creates again at a person's word, and what its bills let expect of it from now on. */
export interface ReopenedRoute {
  readonly route: RouteId;
  /** `null`: as before. */
  readonly bill: BillSeen | null;
}

/**
 * The user has seen what a route bills, and lets it take creates again. Within a transaction.
 * @returns `null`: it was open
 */
export function acceptRoute(store: Store, route: RouteId): ReopenedRoute | null {
  const closed = closedRows(store).filter((row) => row.route === route);
  if (closed.length === 0) return null;
  prepared<[string], unknown>(store, 'DELETE FROM closed_routes WHERE route = ?').run(route);
  const bills = closed.flatMap(({ price }) => acceptBills(store, route, price) ?? []);
  return { route, bill: bills[0] ?? null };
}

export interface ClosedRoute {
  readonly route: RouteId;
  readonly why: string;
  /** What was wrong: its price, or the length that the manifest states of what was billed. */
  readonly cause: 'price' | 'length';
}

interface ClosedRow extends ClosedRoute {
  /** JSON of its price when it was closed. */
  readonly price: string;
}

function closedRows(store: Store): ClosedRow[] {
  return prepared<[], ClosedRow>(store, 'SELECT route, why, cause, price FROM closed_routes').all();
}
