import { type BillSeen, estimatePrice, isBillHigher, type PriceFormula, type RouteId } from '@localize/core';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';
import {
  acceptBills,
  acceptedPrice,
  atAcceptedPrice,
  isPriceOf,
  type Prices,
  type RouteBill,
} from './accepted-prices.js';

/**
 * Routes that have billed more than was reserved, and take no creates under a budget until a person has looked: of the
 * batch that reserved too little, and of every other whose own price comes to less than was billed for the same. One whose
 * price covers the bill goes on.
 */

/** @param prices of the batch that asks; a route whose price it does not tell is closed where it is for any */
export function whyClosed(store: Store, route: RouteId, prices: Prices): string | null {
  return closedRoutes(store, prices).get(route)?.why ?? null;
}

/** Each of them, with why it is closed. @param prices of the batch that asks, as for {@link whyClosed} */
export function closedRoutes(store: Store, prices: Prices): ReadonlyMap<RouteId, ClosedRoute> {
  const closed = closedRows(store).filter((row) => isClosedAt(store, row, prices));
  return new Map(closed.map((row) => [row.route, row]));
}

/** Whether a route is closed for any batch. */
export function areAnyClosed(store: Store): boolean {
  return closedRows(store).length > 0;
}

function isClosedAt(store: Store, row: ClosedRow, prices: Prices): boolean {
  const { route, cause, billedMicros } = row;
  const formula = prices[route];
  if (formula === undefined || isPriceOf(row, prices)) return true;
  // Of one batch's own manifest.
  if (cause === 'length' || billedMicros === null) return false;
  // That a bill is above another's price says nothing against a bare minimum.
  if (formula.kind === 'floor' && priceOf(row)?.kind !== 'floor') return false;
  const { micros } = atAcceptedPrice(estimatePrice(formula, row), acceptedPrice(store, route, prices));
  return micros !== null && micros < billedMicros;
}

/** What closes a route: a bill, and for what it was. */
export interface Closing extends Omit<ClosedRoute, 'route'> {
  readonly bill: RouteBill;
  /** By which too little was reserved, where that is known. */
  readonly price: PriceFormula | undefined;
  readonly atMs: number;
}

/**
 * Of several bills that are above one price, the highest is what others are compared with.
 * @returns whether nothing had closed it at that price
 */
export function closeRoute(store: Store, route: RouteId, { why, cause, price, bill, atMs }: Closing): boolean {
  const text = JSON.stringify(price ?? null);
  const known = closedRows(store).find((row) => row.route === route && row.price === text);
  if (known !== undefined && (cause === 'length' || !isAbove(bill, known))) return false;
  const { billedMicros, resolution, frames, billedMs } = bill;
  prepared<(string | number | null)[], unknown>(
    store,
    `INSERT OR REPLACE INTO closed_routes (route, price, why, cause, at, billed_micros, resolution, frames, billed_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(route, text, why, cause, atMs, billedMicros, resolution, frames, billedMs);
  return known === undefined;
}

function isAbove(bill: RouteBill, known: ClosedRow): boolean {
  if (known.cause === 'length' || known.billedMicros === null) return true;
  return isBillHigher(seenAt(bill, known), seenAt({ ...known, billedMicros: known.billedMicros }, known));
}

function seenAt(bill: RouteBill, row: ClosedRow): BillSeen {
  const formula = priceOf(row);
  const micros = formula === null ? null : estimatePrice(formula, bill).micros;
  return { billedMicros: bill.billedMicros, estimateMicros: micros ?? bill.billedMs ?? 1 };
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

interface ClosedRow extends ClosedRoute, Omit<RouteBill, 'billedMicros'> {
  /** JSON of its price when it was closed. */
  readonly price: string;
  /** `null`: it was closed by an earlier version, which kept no bill. */
  readonly billedMicros: number | null;
}

function priceOf({ price }: ClosedRow): PriceFormula | null {
  return JSON.parse(price) as PriceFormula | null;
}

function closedRows(store: Store): ClosedRow[] {
  return prepared<[], ClosedRow>(
    store,
    `SELECT route, why, cause, price, billed_micros AS billedMicros, resolution, frames, billed_ms AS billedMs
       FROM closed_routes`,
  ).all();
}
