import type { LaneStop, LaneStopCause } from '@localize/core';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/**
 * Times in which a lane took no create, written down for the reports. A pause has its end when it begins; of what has none,
 * at most one is open for each cause, and for each batch where it is one batch's own.
 */

export function recordPause(
  store: Store,
  laneId: number,
  { atMs, untilMs, cause }: LaneStop & { readonly untilMs: number },
  batchId: number | null = null,
): void {
  insertStop(store, { laneId, batchId, atMs, untilMs, cause });
}

/** A run that is over tries no upload, and the next one tries at once. */
export function endUploadRests(store: Store, laneId: number, batchId: number, atMs: number): void {
  prepared(
    store,
    "UPDATE lane_stops SET until = ? WHERE lane_id = ? AND batch_id = ? AND cause = 'upload' AND until > ?",
  ).run(atMs, laneId, batchId, atMs);
}

/** Until when files for a lane rest, of a batch or of any; `null` where they go. */
export function uploadsRestUntil(store: Store, laneId: number, batch: string | null, wallMs: number): number | null {
  const row = prepared<[number, number, string | null, string | null], { untilMs: number | null }>(
    store,
    `SELECT max(until) AS untilMs FROM lane_stops
       WHERE lane_id = ? AND cause = 'upload' AND until > ?
         AND batch_id IN (SELECT id FROM batches WHERE ? IS NULL OR name = ?)`,
  ).get(laneId, wallMs, batch, batch);
  return row?.untilMs ?? null;
}

/** @param batchId whose creates it stops; `null`: everybody's */
export function beginStop(
  store: Store,
  laneId: number,
  { cause, batchId, atMs }: { readonly cause: LaneStopCause; readonly batchId: number | null; readonly atMs: number },
): void {
  insertStop(store, { laneId, batchId, atMs, untilMs: null, cause });
}

/** Does nothing where none is open. */
export function endStop(
  store: Store,
  laneId: number,
  { cause, batchId, atMs }: { readonly cause: LaneStopCause; readonly batchId: number | null; readonly atMs: number },
): void {
  prepared(
    store,
    'UPDATE lane_stops SET until = ? WHERE lane_id = ? AND batch_id IS ? AND cause = ? AND until IS NULL',
  ).run(atMs, laneId, batchId, cause);
}

/** What has stopped this batch's creates on a lane, oldest first. */
export function readStops(store: Store, laneId: number, batchId: number): LaneStop[] {
  return prepared<[number, number], LaneStop>(
    store,
    `SELECT at AS atMs, until AS untilMs, cause FROM lane_stops
       WHERE lane_id = ? AND (batch_id IS NULL OR batch_id = ?) ORDER BY rowid`,
  ).all(laneId, batchId);
}

function insertStop(store: Store, stop: LaneStop & { readonly laneId: number; readonly batchId: number | null }): void {
  const { laneId, batchId, atMs, untilMs, cause } = stop;
  prepared(store, 'INSERT INTO lane_stops (lane_id, batch_id, at, until, cause) VALUES (?, ?, ?, ?, ?)').run(
    laneId,
    batchId,
    atMs,
    untilMs,
    cause,
  );
}
