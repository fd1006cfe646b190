import { type Scheduled, schedule } from '../predict/start-plan.js';
import type { OpenPrediction } from '../state/prediction-table.js';

/** The time that a prediction holds a slot. */
export interface Occupied {
  startsAt: number;
  finishesAt: number;
}

/**
 * When a new prediction gets a slot, given those before it in the queue: at the first moment when fewer than
 * `concurrent` of them are unfinished.
 */
export function slotFreeAt(before: readonly Occupied[], concurrent: number | null, now: number): number {
  // One that ends unbegun holds no slot.
  const finishes = before.filter((one) => one.finishesAt > one.startsAt).map((one) => one.finishesAt);
  if (concurrent === null || finishes.length < concurrent) return now;
  finishes.sort((a, b) => b - a);
  return Math.max(now, finishes[concurrent - 1] as number);
}

/** One prediction's times, moved. */
export interface Move extends Occupied {
  id: string;
  /** What else changes, for one that is begun now and was not to be, or the other way round. */
  outcome: Pick<Scheduled, 'failure' | 'chargesFailure'> | null;
}

/**
 * The new times of an account's waiting predictions after a slot came free early: each keeps its place and its length. One
 * that would have ended unbegun may be begun in its time now; those behind it then wait for it. `open` is in queue order
 * and without the one that left.
 */
export function replan(open: readonly OpenPrediction[], concurrent: number | null, now: number): Move[] {
  const before: Occupied[] = [];
  const moves: Move[] = [];
  for (const prediction of open) {
    if (prediction.startsAt <= now) {
      before.push(prediction);
      continue;
    }
    const moved = moveTo(prediction, slotFreeAt(before, concurrent, now));
    before.push(moved);
    if (moved.startsAt !== prediction.startsAt || moved.finishesAt !== prediction.finishesAt) moves.push(moved);
  }
  return moves;
}

function moveTo({ id, startsAt, finishesAt, startPlan }: OpenPrediction, freeAt: number): Move {
  if (startPlan === null) return { id, startsAt: freeAt, finishesAt: freeAt + finishesAt - startsAt, outcome: null };
  const { failure, chargesFailure, ...times } = schedule(startPlan, freeAt);
  return { id, ...times, outcome: { failure, chargesFailure } };
}
