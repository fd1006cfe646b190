import type { LaneCeiling } from '@localize/core';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/** Writes down that what a lane has learned to keep to changed: reports tell the time that was lost under it. */
export function recordCeiling(store: Store, laneId: number, { atMs, concurrent }: LaneCeiling): void {
  prepared(store, 'INSERT INTO lane_ceilings (lane_id, at, concurrent) VALUES (?, ?, ?)').run(laneId, atMs, concurrent);
}

/** Every change of a lane's learned ceiling, oldest first. */
export function readCeilings(store: Store, laneId: number): LaneCeiling[] {
  return prepared<[number], LaneCeiling>(
    store,
    'SELECT at AS atMs, concurrent FROM lane_ceilings WHERE lane_id = ? ORDER BY rowid',
  ).all(laneId);
}
