import { nextCreateAt, type Post } from '@localize/core';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { lanes } from '../store/schema.js';
import type { LaneRow, Store } from '../store/store.js';
import type { Lane } from './lane.js';

export type Admission =
  | { readonly admitted: true }
  /** `untilMs` is `Infinity` when only a reply or an ending attempt can free a place. */
  | {
      readonly admitted: false;
      readonly untilMs: number;
      readonly why: 'window' | 'concurrency' | 'paused' | 'closed';
    };

/** Two creates in a row whose replies were lost, or one 429: from then on one create at a time, until one is accepted. */
const OUTAGE_DOUBTS = 2;

/**
 * Whether a lane takes one more create now. Everything is counted from rows, so a kill leaks no slot, and called inside
 * the buying transaction, so two processes on one state cannot both take the last place.
 */
export function admit(store: Store, lane: Lane, nowMs: number): Admission {
  const row = findRow(store, lanes, 'WHERE id = ?', lane.id);
  if (row === undefined) throw new Error(`lane ${lane.display} is not in the state`);
  if (row.closed !== null) return { admitted: false, untilMs: Number.POSITIVE_INFINITY, why: 'closed' };
  if (row.pausedUntil > nowMs) return { admitted: false, untilMs: row.pausedUntil, why: 'paused' };
  const concurrency = openSlots(store, lane, row, nowMs);
  if (!concurrency.admitted) return concurrency;
  const at = nextCreateAt(windowPosts(store, lane, nowMs), lane.limits, nowMs);
  return at <= nowMs ? { admitted: true } : { admitted: false, untilMs: at, why: 'window' };
}

function openSlots(store: Store, lane: Lane, row: LaneRow, nowMs: number): Admission {
  const counts = prepared<[number, number], { open: number; intended: number; firstFree: number | null }>(
    store,
    `SELECT count(*) AS open, coalesce(sum(state = 'intended'), 0) AS intended, min(slot_until) AS firstFree
       FROM attempts WHERE lane_id = ? AND state IN ('intended', 'accepted', 'uncertain', 'abandoned') AND slot_until > ?`,
  ).get(lane.id, nowMs) ?? { open: 0, intended: 0, firstFree: null };
  const untilMs = counts.firstFree ?? Number.POSITIVE_INFINITY;
  const allowed = Math.min(lane.limits.concurrent, row.learnedConcurrent ?? lane.limits.concurrent);
  if (counts.open >= allowed) return { admitted: false, untilMs, why: 'concurrency' };
  const oneAtATime = row.doubts >= OUTAGE_DOUBTS || row.throttled > 0;
  if (oneAtATime && counts.intended > 0) return { admitted: false, untilMs, why: 'concurrency' };
  return { admitted: true };
}

function windowPosts(store: Store, lane: Lane, nowMs: number): Post[] {
  // Two ranges of one index: the creates whose reply is out, and those whose reply is younger than the window.
  return prepared<[number, number, number], Post>(
    store,
    `SELECT sent_at AS sentAtMs, replied_at AS repliedAtMs FROM attempts WHERE lane_id = ? AND replied_at IS NULL
     UNION ALL SELECT sent_at, replied_at FROM attempts WHERE lane_id = ? AND replied_at > ?`,
  ).all(lane.id, lane.id, nowMs - lane.limits.perMs - 1_000);
}
