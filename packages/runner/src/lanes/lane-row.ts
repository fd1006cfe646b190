import { findRow } from '../store/rows.js';
import { lanes } from '../store/schema.js';
import type { LaneRow, Store } from '../store/store.js';
import type { Lane } from './lane.js';

/** What the state knows of an open lane now: other processes learn and set things too. */
export function laneRow(store: Store, lane: Pick<Lane, 'id' | 'display'>): LaneRow {
  const row = findRow(store, lanes, 'WHERE id = ?', lane.id);
  if (row === undefined) throw new Error(`lane ${lane.display} is not in the state`);
  return row;
}
