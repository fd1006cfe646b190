import type { PriceFormula, RouteId } from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** Routes that have billed more than was reserved, and take no creates under a budget until a person has looked. */

export function whyClosed(store: Store, route: RouteId): string | null {
  return (
    prepared<[string], { why: string }>(store, 'SELECT why FROM closed_routes WHERE route = ?').get(route)?.why ?? null
  );
}

/**
 * Why each of them is closed.
 * @param prices of a run to come: the routes that it will reopen are left out
 */
export function closedRoutes(store: Store, prices: Prices = {}): ReadonlyMap<RouteId, string> {
  const closed = closedRows(store).filter((row) => !isRepriced(row, prices));
  return new Map(closed.map(({ route, why }) => [route, why]));
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
export function reopenRepriced(store: Store, prices: Prices): void {
  for (const row of closedRows(store)) if (isRepriced(row, prices)) reopenRoute(store, row.route);
}

type Prices = Readonly<Record<RouteId, PriceFormula>>;

interface ClosedRow {
  readonly route: RouteId;
  readonly why: string;
  /** JSON of its price when it was closed. */
  readonly price: string;
}

function closedRows(store: Store): ClosedRow[] {
  return prepared<[], ClosedRow>(store, 'SELECT route, why, price FROM closed_routes').all();
}

function isRepriced({ route, price }: ClosedRow, prices: Prices): boolean {
  const now = prices[route];
  return now !== undefined && JSON.stringify(now) !== price;
}
