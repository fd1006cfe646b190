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
 * expected at as many times its estimate, in every batch, until the manifest has another price.
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

/** Lets the routes go by their own price again that the manifest has set anew. */
export function forgetRepriced(store: Store, prices: Prices): void {
  for (const row of rowsOf(store)) {
    if (!isOf(row, prices))
      prepared<[string], unknown>(store, 'DELETE FROM accepted_prices WHERE route = ?').run(row.route);
  }
}

/** @param prices of a run to come: what it will go by again of its own is left out */
export function acceptedPrices(store: Store, prices: Prices = {}): ReadonlyMap<RouteId, BillSeen> {
  const rows = rowsOf(store).filter((row) => isOf(row, prices));
  return new Map(rows.map((row) => [row.route, row]));
}

export function acceptedPrice(store: Store, route: RouteId): BillSeen | null {
  return rowOf(store, route) ?? null;
}

/** An estimate by its route's own price, as the bills that were accepted let expect it. */
export function atAcceptedPrice(estimate: Estimate, bill: BillSeen | null): Estimate {
  const { micros, certainty } = estimate;
  if (bill === null || micros === null || certainty !== 'exact') return estimate;
  return { ...estimate, micros: estimateFromBill(micros, bill), certainty: 'seen' };
}

function isOf({ route, price }: AcceptedRow, prices: Prices): boolean {
  const now = prices[route];
  return now === undefined || JSON.stringify(now) === price;
}

const COLUMNS = 'route, price, billed_micros AS billedMicros, estimate_micros AS estimateMicros';

function rowsOf(store: Store): AcceptedRow[] {
  return prepared<[], AcceptedRow>(store, `SELECT ${COLUMNS} FROM accepted_prices`).all();
}

function rowOf(store: Store, route: RouteId): AcceptedRow | undefined {
  return prepared<[string], AcceptedRow>(store, `SELECT ${COLUMNS} FROM accepted_prices WHERE route = ?`).get(route);
}
