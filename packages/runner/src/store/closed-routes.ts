import type { PriceFormula, RouteId } from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** Routes that have billed more than was reserved, and take no creates under a budget until a person has looked. */

export function whyClosed(store: Store, route: RouteId): string | null {
  return (
    prepared<[string], { why: string }>(store, 'SELECT why FROM closed_routes WHERE route = ?').get(route)?.why ?? null
  );
}

/** Why each of them is closed. */
export function closedRoutes(store: Store): ReadonlyMap<RouteId, string> {
  const rows = prepared<[], { route: string; why: string }>(store, 'SELECT route, why FROM closed_routes').all();
  return new Map(rows.map(({ route, why }) => [route, why]));
}

/** @returns whether it was open. */
export function closeRoute(
  store: Store,
  route: RouteId,
  { why, price, atMs }: { why: string; price: PriceFormula | undefined; atMs: number },
): boolean {
  const closed = prepared<[string, string, string, number], unknown>(
    store,
    'INSERT INTO closed_routes (route, why, price, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(route, why, JSON.stringify(price ?? null), atMs);
  return closed.changes === 1;
}

export function reopenRoute(store: Store, route: RouteId): void {
  prepared<[string], unknown>(store, 'DELETE FROM closed_routes WHERE route = ?').run(route);
}

/** Reopens the routes whose price the user has set anew since they were closed. */
export function reopenRepriced(store: Store, prices: Readonly<Record<RouteId, PriceFormula>>): void {
  const closed = prepared<[], { route: string; price: string }>(store, 'SELECT route, price FROM closed_routes').all();
  for (const { route, price } of closed) {
    const now = prices[route];
    if (now !== undefined && JSON.stringify(now) !== price) reopenRoute(store, route);
  }
}
