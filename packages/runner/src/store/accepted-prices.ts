import {
  type BillSeen,
  type Estimate,
  estimateFromBill,
  estimatePrice,
  isBillHigher,
  type Micros,
  type PriceFormula,
  type RouteId,
} from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/**
 * Routes that have billed more than their price says, which a person has accepted: from then on each of their jobs is
 * expected at as many times its estimate, in every batch that has the same price for it.
 */

export type Prices = Readonly<Record<RouteId, PriceFormula>>;

interface AcceptedRow extends BillSeen {
  readonly route: RouteId;
  /** JSON of the price that was billed above. */
  readonly price: string;
}

/**
 * Takes in what a closed route has billed. Within a transaction.
 * @param price JSON of its price when it was closed
 * @returns the highest bill by what its price says of it; `null`: its price tells no amount, or no provider has stated a bill
 */
export function acceptBills(store: Store, route: RouteId, price: string): BillSeen | null {
  const formula = JSON.parse(price) as PriceFormula | null;
  let highest: AcceptedRow | null = rowsOf(store).find((row) => row.route === route && row.price === price) ?? null;
  for (const bill of formula === null ? [] : surpluses(store, route, formula)) {
    if (highest === null || isBillHigher(bill, highest)) highest = { ...bill, route, price };
  }
  if (highest === null) return null;
  prepared<[string, string, Micros, Micros], unknown>(
    store,
    `INSERT OR REPLACE INTO accepted_prices (route, price, billed_micros, estimate_micros) VALUES (?, ?, ?, ?)`,
  ).run(route, price, highest.billedMicros, highest.estimateMicros);
  raiseOpen(store, highest);
  return highest;
}

/** What the provider itself has billed above what was expected. What our own price list comes to tells nothing of the price. */
function surpluses(store: Store, route: RouteId, formula: PriceFormula): BillSeen[] {
  if (formula.kind === 'floor' || formula.kind === 'unknown') return [];
  const rows = prepared<[string], { billedMicros: Micros } & Sent>(
    store,
    `SELECT coalesce(a.billed_micros, a.quoted_micros) AS billedMicros, ${SENT}
       FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.route = ? AND (a.billed_micros IS NULL OR a.cost_source = 'provider')
         AND coalesce(a.billed_micros, a.quoted_micros) > coalesce(a.reserved_micros, a.estimate_micros)`,
  ).all(route);
  return rows.flatMap(({ billedMicros, ...sent }) => {
    const { micros } = estimatePrice(formula, sent);
    return micros === null || micros >= billedMicros ? [] : [{ billedMicros, estimateMicros: micros }];
  });
}

interface Sent {
  readonly resolution: string | null;
  readonly frames: number | null;
  readonly billedMs: number | null;
}

const SENT = `a.request ->> '$.input.resolution' AS resolution, a.request ->> '$.input.frames' AS frames,
  coalesce(j.planned ->> '$.heardMs', j.planned ->> '$.durationMs') AS billedMs`;

/** What is bought and not billed yet counts as it too. */
function raiseOpen(store: Store, { route, price, ...bill }: AcceptedRow): void {
  const open = prepared<[string], { id: string; countedMicros: Micros } & Sent>(
    store,
    `SELECT a.id, coalesce(a.expected_micros, a.reserved_micros, a.estimate_micros) AS countedMicros, ${SENT}
       FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.route = ? AND a.quoted_micros IS NULL AND a.billed_micros IS NULL AND a.state <> 'refused'
         AND a.estimate_micros IS NOT NULL`,
  ).all(route);
  for (const { id, countedMicros, ...sent } of open) {
    const { micros } = estimatePrice(JSON.parse(price) as PriceFormula, sent);
    const expected = micros === null ? 0 : estimateFromBill(micros, bill);
    if (expected <= countedMicros) continue;
    prepared<[Micros, string], unknown>(store, 'UPDATE attempts SET expected_micros = ? WHERE id = ?').run(
      expected,
      id,
    );
  }
}

/** The highest bill of each route by its price. @param prices of the batch that asks, as for {@link isPriceOf} */
export function acceptedPrices(store: Store, prices: Prices): ReadonlyMap<RouteId, BillSeen> {
  return highestBills(rowsOf(store).filter((row) => isPriceOf(row, prices)));
}

export function acceptedPrice(store: Store, route: RouteId, prices: Prices): BillSeen | null {
  const rows = prepared<[string], AcceptedRow>(store, `SELECT ${COLUMNS} FROM accepted_prices WHERE route = ?`).all(
    route,
  );
  return highestBills(rows.filter((row) => isPriceOf(row, prices))).get(route) ?? null;
}

function highestBills(rows: readonly AcceptedRow[]): ReadonlyMap<RouteId, BillSeen> {
  const highest = new Map<RouteId, BillSeen>();
  for (const row of rows) {
    const known = highest.get(row.route);
    if (known === undefined || isBillHigher(row, known)) highest.set(row.route, row);
  }
  return highest;
}

/** An estimate by its route's own price, as the bills that were accepted let expect it. */
export function atAcceptedPrice(estimate: Estimate, bill: BillSeen | null): Estimate {
  const { micros, certainty } = estimate;
  if (bill === null || micros === null || certainty !== 'exact') return estimate;
  return { ...estimate, micros: estimateFromBill(micros, bill), certainty: 'seen' };
}

/** Whether a route's price is that of a batch; one that does not tell it, or is not known here, may have it. */
export function isPriceOf(
  { route, price }: { readonly route: RouteId; readonly price: string },
  prices: Prices,
): boolean {
  const now = prices[route];
  return now === undefined || JSON.stringify(now) === price;
}

const COLUMNS = 'route, price, billed_micros AS billedMicros, estimate_micros AS estimateMicros';

function rowsOf(store: Store): AcceptedRow[] {
  return prepared<[], AcceptedRow>(store, `SELECT ${COLUMNS} FROM accepted_prices`).all();
}
