import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { lanes } from '../store/schema/schema.js';
import type { LaneRow, Store } from '../store/store.js';
import type { Lane } from './lane.js';

/**
 * Whether nothing is the matter with a lane, its keys and its ceiling. Each reply may mend what is, and of nearly all of
 * them there is nothing to mend.
 */
export function isWell(store: Store, { id }: Pick<Lane, 'id'>): boolean {
  const ill = prepared<[number], unknown>(
    store,
    `SELECT 1 FROM lanes WHERE id = ? AND (closed IS NOT NULL OR refused_keys IS NOT NULL OR learned_concurrent IS NOT NULL
       OR doubts <> 0 OR throttled <> 0 OR unreached <> 0)`,
  );
  return ill.get(id) === undefined;
}

/** What the state knows of an open lane now: other processes learn and set things too. */
export function laneRow(store: Store, lane: Pick<Lane, 'id' | 'display'>): LaneRow {
  const row = findRow(store, lanes, 'WHERE id = ?', lane.id);
  if (row === undefined) throw new Error(`lane ${lane.display} is not in the state`);
  return row;
}
