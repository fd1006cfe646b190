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
  if (concurrent === null || before.length < concurrent) return now;
  const finishes = before.map((one) => one.finishesAt).sort((a, b) => b - a);
  return Math.max(now, finishes[concurrent - 1] as number);
}

/** One prediction's times, moved. */
export interface Move extends Occupied {
  id: string;
}

/**
 * The new times of an account's waiting predictions after a slot came free early: each keeps its place and its length.
 * `open` is in queue order and without the one that left.
 */
export function replan(open: readonly OpenPrediction[], concurrent: number | null, now: number): Move[] {
  const before: Occupied[] = [];
  const moves: Move[] = [];
  for (const prediction of open) {
    const { id, startsAt, finishesAt } = prediction;
    if (startsAt <= now) {
      before.push(prediction);
      continue;
    }
    const start = Math.min(startsAt, slotFreeAt(before, concurrent, now));
    const moved = { id, startsAt: start, finishesAt: start + finishesAt - startsAt };
    before.push(moved);
    if (start !== startsAt) moves.push(moved);
  }
  return moves;
}
