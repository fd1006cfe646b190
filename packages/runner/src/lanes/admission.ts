import {
  type Admission,
  admission,
  type LaneFacts,
  type LaneLimits,
  nextCreateAt,
  OUTAGE_DOUBTS,
  type Post,
  placeFreeAt,
  WINDOW_MARGIN_MS,
  type WindowUse,
} from '@localize/core';
import { sharingOf } from '../store/lanes/lane-waits.js';
import { AT_MOST, prepared } from '../store/prepared.js';
import { holdsSlotIn } from '../store/schema/attempt-states.js';
import type { LaneRow, Store } from '../store/store.js';
import { type Lane, laneLimits } from './lane.js';
import { isInDoubt, whyClosedFor } from './lane-keys.js';
import { laneRow } from './lane-row.js';

/** A lane, and the batch that wants a create of it. */
interface LaneOfBatch {
  readonly lane: Lane;
  readonly batchId: number;
}

/**
 * Whether a lane takes one more create of a batch now. Everything is counted from rows, so a kill leaks no slot, and called inside
 * the buying transaction, so two processes on one state cannot both take the last place.
 */
export function admit(store: Store, { lane, batchId }: LaneOfBatch, nowMs: number): Admission {
  const row = laneRow(store, lane);
  const limits = laneLimits(lane, row);
  const facts = laneFacts(store, row, limits, nowMs);
  const isTried = isInDoubt(lane, row) || wasUnpaid(store, lane);
  const doubts = isTried ? Math.max(OUTAGE_DOUBTS, facts.doubts) : facts.doubts;
  const sharing = () => sharingOf(store, { laneId: lane.id, batchId, sinceMs: windowStart(limits, nowMs) }, nowMs);
  return admission({ ...facts, doubts, closed: whyClosedFor(lane, row), sharing }, nowMs);
}

/**
 * The places of a lane in one buying transaction, which nobody else can take meanwhile: its rows are counted when it begins to
 * buy, and again when all that there were then are taken.
 */
export class LanePlaces {
  readonly #store: Store;
  readonly #of: LaneOfBatch;
  #counted: Admission | null = null;
  #left = 0;

  constructor(store: Store, of: LaneOfBatch) {
    this.#store = store;
    this.#of = of;
  }

  /** Whether the lane takes one more create. */
  look(nowMs: number): Admission {
    if (this.#counted !== null && this.#left > 0) return this.#counted;
    this.#counted = admit(this.#store, this.#of, nowMs);
    this.#left = this.#counted.admitted ? this.#counted.places : 0;
    return this.#counted;
  }

  /** An intent that takes one is written. */
  take(): void {
    this.#left -= 1;
  }
}

/** So many creates are accepted in a row before a lane that was out of money takes more than one at a time. */
const PAID_IN_A_ROW = 10;

/**
 * Whether one of its last replies refused a create for want of money. Whatever has opened it since, an end that may have
 * freed some or a new run, is only tried, one create at a time: one that is accepted may have taken all that there was.
 */
function wasUnpaid(store: Store, { id }: Lane): boolean {
  const refused = prepared<[number], unknown>(
    store,
    `SELECT 1 FROM (SELECT state, failure FROM attempts
         WHERE lane_id = ? AND replied_at IS NOT NULL ORDER BY replied_at DESC LIMIT ${PAID_IN_A_ROW})
       WHERE state = 'refused' AND failure ->> 'kind' = 'payment' LIMIT 1`,
  ).get(id);
  return refused !== undefined;
}

/** What the rows say of a lane. */
export function laneFacts(store: Store, row: LaneRow, limits: LaneLimits, nowMs: number): LaneFacts {
  const { open, doubtful, unanswered, slotFreeAtMs } = openSlots(store, row.id, nowMs);
  return {
    limits,
    learnedConcurrent: row.learnedConcurrent,
    closed: row.closed,
    pausedUntilMs: row.pausedUntil,
    pausedFor: row.pausedFor,
    doubts: row.doubts,
    throttled: row.throttled,
    unreached: row.unreached,
    open,
    doubtful,
    unanswered,
    slotFreeAtMs,
    window: () => windowOf(store, row.id, limits, nowMs),
  };
}

/** Attempts that hold a slot of a lane, of all batches: one figure for the limits and for every document. */
export function openOnLane(store: Store, laneId: number, nowMs: number): number {
  return openSlots(store, laneId, nowMs).open;
}

/** Those of them that are known to exist, or whose create is out. */
export function knownOpenOnLane(store: Store, laneId: number, nowMs: number): number {
  const { open, doubtful } = openSlots(store, laneId, nowMs);
  return open - doubtful;
}

interface Slots {
  readonly open: number;
  readonly doubtful: number;
  readonly unanswered: number;
  readonly slotFreeAtMs: number | null;
}

const OPEN = `lane_id = ? AND ${holdsSlotIn('')} AND slot_until > ?`;

function openSlots(store: Store, laneId: number, nowMs: number): Slots {
  const counts = prepared<[number, number], Slots>(
    store,
    `SELECT count(*) AS open, coalesce(sum(state IN ('uncertain', 'abandoned')), 0) AS doubtful,
            coalesce(sum(state = 'intended'), 0) AS unanswered, min(slot_until) AS slotFreeAtMs
       FROM attempts WHERE ${OPEN}`,
  ).get(laneId, nowMs);
  return counts ?? { open: 0, doubtful: 0, unanswered: 0, slotFreeAtMs: null };
}

/** Those of all open ones whose jobs are held. */
export function heldOnLane(store: Store, laneId: number, nowMs: number): number {
  const row = prepared<[number, number], { held: number }>(
    store,
    `SELECT count(*) AS held FROM attempts
       WHERE ${OPEN} AND (SELECT j.state FROM jobs j WHERE j.id = attempts.job_id) = 'held'`,
  ).get(laneId, nowMs);
  return row?.held ?? 0;
}

/** Two ranges of one index: the creates whose reply is out, and those whose reply is younger than the window. */
const UNREPLIED = 'FROM attempts WHERE lane_id = ? AND replied_at IS NULL';
const REPLIED = 'FROM attempts WHERE lane_id = ? AND replied_at > ?';

/** Of creates that have a reply: when each place that they take is free, the next one first. */
export function placesFreeAt(store: Store, laneId: number, limits: LaneLimits, nowMs: number): number[] {
  const posts = prepared<[number, number], Post>(
    store,
    `SELECT sent_at AS sentAtMs, replied_at AS repliedAtMs ${REPLIED} ORDER BY replied_at`,
  ).all(laneId, windowStart(limits, nowMs));
  return posts.map((post) => placeFreeAt(post, limits.perMs, nowMs));
}

/** Creates whose reply came before hold no place any more. */
function windowStart({ perMs }: LaneLimits, nowMs: number): number {
  return nowMs - perMs - WINDOW_MARGIN_MS;
}

function windowOf(store: Store, laneId: number, limits: LaneLimits, nowMs: number): WindowUse {
  const since = windowStart(limits, nowMs);
  const count = prepared<[number, number, number], { taken: number }>(
    store,
    `SELECT (SELECT count(*) ${UNREPLIED}) + (SELECT count(*) ${REPLIED}) AS taken`,
  ).get(laneId, laneId, since);
  const taken = count?.taken ?? 0;
  if (taken < limits.creates) return { taken, nextAtMs: nowMs };
  // Only in a full window do the times matter, and of them only the newest.
  const posts = prepared<[number, number, number, number], Post>(
    store,
    `SELECT sent_at AS sentAtMs, replied_at AS repliedAtMs ${UNREPLIED}
       UNION ALL SELECT * FROM (SELECT sent_at, replied_at ${REPLIED} ORDER BY replied_at DESC ${AT_MOST})`,
  ).all(laneId, laneId, since, limits.creates);
  return { taken, nextAtMs: nextCreateAt(posts, limits, nowMs) };
}
