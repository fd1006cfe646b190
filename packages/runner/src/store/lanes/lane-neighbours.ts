import type { TakenPlace } from '@localize/core';
import { prepared } from '../prepared.js';
import type { BatchRow, LaneRow, Store } from '../store.js';

/** When the batch wanted places on the lane: from the first upload of its first job there to its last create. */
export interface LaneStay {
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Row {
  readonly fromMs: number;
  readonly slotEndMs: number;
  readonly windowEndMs: number;
}

/** The places of a lane that other batches took while this one was at work on it, in the order of their creates. */
export function readNeighbours(
  store: Store,
  lane: Pick<LaneRow, 'id' | 'perMs'>,
  batch: Pick<BatchRow, 'id'>,
  { firstMs, lastMs, nowMs }: LaneStay & { nowMs: number },
): TakenPlace[] {
  // Most states have one batch, and the lane of a large one has many attempts.
  const other = prepared<[number], unknown>(store, 'SELECT 1 FROM batches WHERE id <> ? LIMIT 1').get(batch.id);
  if (other === undefined) return [];
  const rows = prepared<[number, number, number, number, number, number], Row>(
    store,
    `SELECT * FROM (
       SELECT a.intended_at + a.wall_ahead AS fromMs,
              min(a.slot_until + a.wall_ahead, coalesce(iif(a.state = 'abandoned', NULL, a.ended_at + a.wall_ahead), ?)) AS slotEndMs,
              coalesce(a.replied_at, a.intended_at) + a.wall_ahead + ? AS windowEndMs
         FROM attempts a JOIN jobs j ON j.id = a.job_id
        WHERE a.lane_id = ? AND j.batch_id <> ? AND a.intended_at + a.wall_ahead < ?)
      WHERE max(slotEndMs, windowEndMs) > ? ORDER BY fromMs`,
  ).all(nowMs, lane.perMs, lane.id, batch.id, lastMs, firstMs);
  return rows.map(({ fromMs, slotEndMs, windowEndMs }) => [fromMs, slotEndMs, windowEndMs]);
}
