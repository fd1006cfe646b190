import { type LaneSnapshot, limitsInForce } from '@localize/core';
import { openOnLane } from '../../lanes/admission.js';
import { formerLanes } from '../../lanes/former-lanes.js';
import { prepared } from '../prepared.js';
import { lanes } from '../schema/schema.js';
import type { BatchRow, LaneRow, Store } from '../store.js';
import { readCeilings } from './lane-ceilings.js';
import { type LaneStay, readNeighbours } from './lane-neighbours.js';
import { readStops } from './lane-stops.js';
import { setLimits } from './limit-settings.js';

interface LaneTimes {
  readonly nowMs: number;
  /** By the clock that slots go by. */
  readonly slotNowMs: number;
}

/** Lanes that this batch has used, and those that were closed, or lost a key, before it could buy anything there. */
export function lanesOfBatch(store: Store, batch: BatchRow, { nowMs, slotNowMs }: LaneTimes): LaneSnapshot[] {
  const rows = prepared<[number], LaneStay & { id: number }>(
    store,
    `SELECT a.lane_id AS id,
            min(coalesce(a.staging_at, a.intended_at) + a.wall_ahead) AS firstMs,
            max(a.intended_at + a.wall_ahead) AS lastMs
       FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE j.batch_id = ? GROUP BY a.lane_id`,
  ).all(batch.id);
  const used = new Map(rows.map((row) => [row.id, row]));
  const all = store.db.select().from(lanes).all();
  const former = formerLanes(all);
  const unbought = refusedUnbought(store, batch);
  return all.flatMap((lane) => {
    const use = used.get(lane.id);
    const isOfBatch = use !== undefined || (unbought.has(lane.id) && !former.has(lane.id));
    if (!isOfBatch) return [];
    // Nobody opens a lane again whose keys have others in their place.
    const row = former.has(lane.id) ? { ...lane, closed: null, refusedKeys: null } : lane;
    const shown = toLane(row, openOnLane(store, lane.id, slotNowMs));
    const ceilings = readCeilings(store, lane.id);
    const stops = readStops(store, lane.id, batch.id);
    const elsewhere = use && readNeighbours(store, { id: lane.id, perMs: shown.perMs }, batch, { ...use, nowMs });
    return {
      ...shown,
      ...(ceilings.length > 0 && { ceilings }),
      ...(stops.length > 0 && { stops }),
      ...(elsewhere && elsewhere.length > 0 && { elsewhere }),
    };
  });
}

/**
 * Lanes that closed, or lost one of their keys, while a run of this batch was at work, to whose provider a job of it may go,
 * and that are so still: where the upload of a file is refused, there is no attempt that says whose lane it was.
 */
function refusedUnbought(store: Store, batch: BatchRow): ReadonlySet<number> {
  const ids = prepared<[{ batch: number }], number>(
    store,
    `SELECT l.id FROM lanes l WHERE EXISTS (${CLOSED_IN_RUN} UNION ALL ${KEY_LOST_IN_RUN})
        AND EXISTS (SELECT 1 FROM jobs j, json_each(j.planned, '$.choices') choice
                     WHERE j.batch_id = @batch AND j.orphaned = 0 AND choice.value ->> 'provider' = l.provider)`,
  )
    .pluck()
    .all({ batch: batch.id }) as number[];
  return new Set(ids);
}

const CLOSED_IN_RUN = `
  SELECT 1 FROM lane_stops s JOIN runs r ON s.at >= r.started_at AND s.at <= coalesce(r.ended_at, s.at)
   WHERE l.closed IS NOT NULL AND s.lane_id = l.id AND s.cause = 'closed' AND s.until IS NULL AND r.batch_id = @batch`;

/** A key's time is that of another clock than a run's: the two differ by no more than somebody sets the system's. */
const KEY_LOST_IN_RUN = `
  SELECT 1 FROM json_each(l.refused_keys) k JOIN runs r
      ON k.value ->> 'sinceMs' >= r.started_at - 1000 AND k.value ->> 'sinceMs' <= coalesce(r.ended_at + 1000, 9e15)
   WHERE k.value ->> 'isSetAside' AND r.batch_id = @batch`;

function toLane(row: LaneRow, open: number): LaneSnapshot {
  const { display, provider, rateLimited, closed } = row;
  const { creates, perMs, concurrent } = limitsInForce(row, setLimits(row));
  const refusedKeys = (row.refusedKeys ?? [])
    .filter(({ isSetAside }) => isSetAside)
    .map(({ variable, why }) => ({ variable, why }));
  const shown = { lane: display, provider, creates, perMs, concurrent, open, rateLimited, closed };
  return refusedKeys.length > 0 && closed === null ? { ...shown, refusedKeys } : shown;
}
