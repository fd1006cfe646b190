import {
  type BillSeen,
  type Estimate,
  estimateFromBill,
  estimatePrice,
  isBillHigher,
  type Micros,
  type Priced,
  type PriceFormula,
  type RouteId,
} from '@localize/core';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/**
 * Routes that have billed more than their price says, which a person has accepted: from then on each of their jobs is
 * expected at as many times its estimate as was billed, in every batch whose own price comes to less for the same.
 */

export type Prices = Readonly<Record<RouteId, PriceFormula>>;

/** What a route has billed, and for what. */
export interface RouteBill extends Priced {
  readonly billedMicros: Micros;
}

interface AcceptedRow extends BillSeen, RouteBill {
  readonly route: RouteId;
  /** JSON of the price that was billed above. */
  readonly price: string;
}

/**
 * Takes in what a closed route has billed. Within a transaction.
 * @param price JSON of its price when it was closed; `null` in it: that is not known, and each attempt's own estimate is gone by
 * @returns the highest bill by what its price says of it; `null`: its price tells no amount, or no provider has stated a bill
 */
export function acceptBills(store: Store, route: RouteId, price: string): BillSeen | null {
  const formula = JSON.parse(price) as PriceFormula | null;
  let highest: AcceptedRow | null = rowsOf(store, route).find((row) => row.price === price) ?? null;
  for (const bill of surpluses(store, route, formula)) {
    if (highest === null || isBillHigher(bill, highest)) highest = { ...bill, route, price };
  }
  if (highest === null) return null;
  const { billedMicros, estimateMicros, resolution, frames, billedMs } = highest;
  prepared<[string, string, Micros, Micros, string | null, number | null, number | null], unknown>(
    store,
    `INSERT OR REPLACE INTO accepted_prices (route, price, billed_micros, estimate_micros, resolution, frames, billed_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(route, price, billedMicros, estimateMicros, resolution, frames, billedMs);
  // A bare minimum is raised by what was seen of it.
  if (formula?.kind === 'floor') return null;
  raiseOpen(store, route, formula, highest);
  return highest;
}

/** What the provider itself has billed above what was expected. What our own price list comes to tells nothing of the price. */
function surpluses(store: Store, route: RouteId, formula: PriceFormula | null): (BillSeen & RouteBill)[] {
  const rows = prepared<[string], RouteBill & { ownMicros: Micros | null }>(
    store,
    `SELECT coalesce(a.billed_micros, a.quoted_micros) AS billedMicros, a.estimate_micros AS ownMicros, ${BILLED_FOR}
       FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.route = ? AND (a.billed_micros IS NULL OR a.cost_source = 'provider')
         AND coalesce(a.billed_micros, a.quoted_micros) > coalesce(a.reserved_micros, a.estimate_micros)`,
  ).all(route);
  return rows.flatMap(({ ownMicros, ...bill }) => {
    const estimateMicros = formula === null ? ownMicros : estimatePrice(formula, bill).micros;
    return estimateMicros === null || estimateMicros >= bill.billedMicros ? [] : [{ ...bill, estimateMicros }];
  });
}

const BILLED_FOR = `a.request ->> '$.input.resolution' AS resolution, a.request ->> '$.input.frames' AS frames,
  coalesce(j.planned ->> '$.heardMs', j.planned ->> '$.durationMs') AS billedMs`;

/** What is bought and not billed yet counts as it too. */
function raiseOpen(store: Store, route: RouteId, formula: PriceFormula | null, bill: BillSeen): void {
  const open = prepared<[string], Priced & { id: string; ownMicros: Micros; countedMicros: Micros }>(
    store,
    `SELECT a.id, a.estimate_micros AS ownMicros,
            coalesce(a.expected_micros, a.reserved_micros, a.estimate_micros) AS countedMicros, ${BILLED_FOR}
       FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.route = ? AND a.quoted_micros IS NULL AND a.billed_micros IS NULL AND a.state <> 'refused'
         AND a.estimate_micros IS NOT NULL`,
  ).all(route);
  for (const { id, ownMicros, countedMicros, ...priced } of open) {
    const micros = formula === null ? ownMicros : estimatePrice(formula, priced).micros;
    const expected = micros === null ? 0 : estimateFromBill(micros, bill);
    if (expected <= countedMicros) continue;
    prepared<[Micros, string], unknown>(store, 'UPDATE attempts SET expected_micros = ? WHERE id = ?').run(
      expected,
      id,
    );
  }
}

/** The highest accepted bill of each route by its price. @param prices of the batch that asks, as for {@link againstPrice} */
export function acceptedPrices(store: Store, prices: Prices): ReadonlyMap<RouteId, BillSeen> {
  return highestBills(rowsOf(store), prices);
}

/** The same of one route; `null`: nothing was accepted there, or the batch's own price covers it. */
export function acceptedPrice(store: Store, route: RouteId, prices: Prices): BillSeen | null {
  return highestBills(rowsOf(store, route), prices).get(route) ?? null;
}

function highestBills(rows: readonly AcceptedRow[], prices: Prices): ReadonlyMap<RouteId, BillSeen> {
  const highest = new Map<RouteId, BillSeen>();
  for (const row of rows) {
    const bill = againstPrice(row, prices);
    const known = highest.get(row.route);
    if (bill !== null && (known === undefined || isBillHigher(bill, known))) highest.set(row.route, bill);
  }
  return highest;
}

/** A bill beside what a batch's own price says of the same; `null`: the price covers it, or is only a minimum. */
function againstPrice(row: AcceptedRow, prices: Prices): BillSeen | null {
  const formula = prices[row.route];
  if (formula?.kind === 'floor') return null;
  const { billedMicros } = row;
  const estimateMicros =
    formula === undefined || isPriceOf(row, prices) ? row.estimateMicros : estimatePrice(formula, row).micros;
  return estimateMicros === null || estimateMicros >= billedMicros ? null : { billedMicros, estimateMicros };
}

/** An estimate by its route's own price, as the bills that were accepted let expect it. */
export function atAcceptedPrice(estimate: Estimate, bill: BillSeen | null): Estimate {
  const { micros, certainty } = estimate;
  if (bill === null || micros === null || certainty !== 'exact') return estimate;
  return { ...estimate, micros: estimateFromBill(micros, bill), certainty: 'seen' };
}

/** Whether a price is the very one that a batch has for the route. */
export function isPriceOf(
  { route, price }: { readonly route: RouteId; readonly price: string },
  prices: Prices,
): boolean {
  return JSON.stringify(prices[route]) === price;
}

function rowsOf(store: Store, route: RouteId | null = null): AcceptedRow[] {
  return prepared<[string | null, string | null], AcceptedRow>(
    store,
    `SELECT route, price, billed_micros AS billedMicros, estimate_micros AS estimateMicros, resolution, frames,
            billed_ms AS billedMs FROM accepted_prices WHERE ? IS NULL OR route = ?`,
  ).all(route, route);
}
