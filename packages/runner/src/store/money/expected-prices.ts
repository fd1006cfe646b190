import {
  estimateFromSeen,
  estimatePrice,
  expectedEstimate,
  type Micros,
  type Plan,
  type RouteId,
} from '@localize/core';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/** What counts until a bill comes for it. */
interface Unbilled {
  readonly id: string;
  /** What it counts at so far; `null`: nobody knows an amount. */
  readonly countedMicros: Micros | null;
  readonly durationMs: number | null;
}

/**
 * Lets every attempt on a route that was bought when only a floor of its price was known, or at what had been seen by
 * then, count at the price a second that was seen since. It never counts less than before.
 */
export function raiseUnbilled(
  store: Store,
  { route, resolution, floorMicros }: { route: RouteId; resolution: string; floorMicros: Micros },
  microsPerSecond: Micros,
): void {
  for (const table of ['attempts', 'adopted_predictions'] as const) {
    for (const { id, countedMicros, durationMs } of unbilledFloors(store, table, route, resolution)) {
      if (durationMs === null || countedMicros === null) continue;
      const micros = estimateFromSeen(floorMicros, microsPerSecond, durationMs);
      if (micros > countedMicros) expect(store, table, id, micros);
    }
  }
}

/** What has no price of the manifest's own now. */
const AT_A_FLOOR = `NOT EXISTS (SELECT 1 FROM json_each(j.planned, '$.choices') choice
  WHERE choice.value ->> 'route' = a.route AND choice.value ->> '$.estimate.certainty' = 'exact')`;

function unbilledFloors(store: Store, table: Table, route: RouteId, resolution: string): Unbilled[] {
  if (table === 'attempts') {
    return prepared<[string, string], Unbilled>(
      store,
      `SELECT a.id, coalesce(a.expected_micros, a.reserved_micros, a.estimate_micros) AS countedMicros,
              j.planned ->> '$.durationMs' AS durationMs
         FROM attempts a JOIN jobs j ON j.id = a.job_id
         WHERE a.route = ? AND a.quoted_micros IS NULL AND a.billed_micros IS NULL AND a.state <> 'refused'
           AND coalesce(a.request ->> '$.input.resolution', '') = ? AND ${AT_A_FLOOR}`,
    ).all(route, resolution);
  }
  return prepared<[string], Unbilled>(
    store,
    `SELECT a.id, coalesce(a.expected_micros, a.estimate_micros) AS countedMicros, j.planned ->> '$.durationMs' AS durationMs
       FROM adopted_predictions a JOIN jobs j ON j.id = a.job_id
       WHERE a.route = ? AND a.billed_micros IS NULL AND ${AT_A_FLOOR}`,
  ).all(route);
}

type Table = 'attempts' | 'adopted_predictions';

function expect(store: Store, table: Table, id: string, micros: Micros): void {
  prepared<[Micros, string], unknown>(store, `UPDATE ${table} SET expected_micros = ? WHERE id = ?`).run(micros, id);
}

/** An attempt that was bought when nobody knew its price, and that no bill has come for. */
export interface UnknownAmount {
  readonly id: string;
  readonly table: Table;
  readonly route: RouteId;
  readonly provider: string;
  readonly batchId: number;
  readonly batch: string;
  readonly jobId: number;
  readonly key: string;
  /** Of its job, as the state has it: JSON. */
  readonly planned: string;
  /** When it was bought, by the calendar. */
  readonly atMs: number;
  readonly isInFlight: 0 | 1;
  /** Nobody knows whether it was bought at all. */
  readonly isUncertain: 0 | 1;
  /** It failed, and nobody says whether it was charged. */
  readonly isFailed: 0 | 1;
  /** By a price that the manifest of an earlier run had; `null`: none did. */
  readonly countedMicros: Micros | null;
  /** By the prices that are asked for. */
  readonly expectedMicros: Micros | null;
}

/** @param prices of the manifest; where it has none of a route, an earlier one of that attempt stays */
export function unknownAmounts(store: Store, prices: Plan['prices']): UnknownAmount[] {
  const rows = prepared<[], Omit<UnknownAmount, 'expectedMicros'> & Sent>(store, UNKNOWN).all();
  return rows.map(({ resolution, frames, durationMs, ...row }) => {
    const known = priceOf(prices, { route: row.route, resolution, frames, durationMs });
    return { ...row, expectedMicros: known ?? row.countedMicros };
  });
}

interface Sent {
  readonly resolution: string | null;
  readonly frames: number | null;
  readonly durationMs: number | null;
}

/** What the prices say that something sent to a route costs; `null`: nobody knows. */
export function priceOf(
  prices: Plan['prices'],
  { route, resolution, frames, durationMs }: Sent & { readonly route: RouteId },
): Micros | null {
  const formula = prices[route];
  if (formula === undefined) return null;
  return expectedEstimate(estimatePrice(formula, { billedMs: durationMs, resolution, frames }), null, durationMs)
    .micros;
}

const UNKNOWN = `
  SELECT a.id, 'attempts' AS "table", a.route, a.provider, j.batch_id AS batchId, b.name AS batch, a.job_id AS jobId, j.key,
         j.planned, a.intended_at + a.wall_ahead AS atMs, a.state IN ('intended', 'accepted') AS isInFlight,
         a.state = 'uncertain' AS isUncertain, a.state = 'failed' AS isFailed, a.expected_micros AS countedMicros, a.request ->> '$.input.resolution' AS resolution,
         a.request ->> '$.input.frames' AS frames, coalesce(j.planned ->> '$.heardMs', j.planned ->> '$.durationMs') AS durationMs
    FROM attempts a JOIN jobs j ON j.id = a.job_id JOIN batches b ON b.id = j.batch_id
    WHERE a.quoted_micros IS NULL AND a.billed_micros IS NULL AND a.reserved_micros IS NULL AND a.estimate_micros IS NULL
      AND a.state <> 'refused'
  UNION ALL
  SELECT a.id, 'adopted_predictions', a.route, a.provider, j.batch_id, b.name, a.job_id, j.key, j.planned, a.made_at, 0, 0, 0,
         a.expected_micros, choice.value ->> '$.input.resolution', choice.value ->> '$.input.frames',
         coalesce(j.planned ->> '$.heardMs', j.planned ->> '$.durationMs')
    FROM adopted_predictions a JOIN jobs j ON j.id = a.job_id JOIN batches b ON b.id = j.batch_id
      LEFT JOIN json_each(j.planned, '$.choices') choice ON choice.value ->> 'route' = a.route
    WHERE a.billed_micros IS NULL AND a.estimate_micros IS NULL`;

/** Lets attempts of which nobody knew an amount count at the prices that the manifest has by now. Within a transaction. */
export function priceUnknown(store: Store, prices: Plan['prices']): void {
  for (const { table, id, countedMicros, expectedMicros } of unknownAmounts(store, prices)) {
    if (expectedMicros !== null && expectedMicros !== countedMicros) expect(store, table, id, expectedMicros);
  }
}
