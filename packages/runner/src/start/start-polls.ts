import { pollPace, rested, takePlace } from '@localize/core';
import { type Lane, laneLimits } from '../lanes/lane.js';
import { laneRow } from '../lanes/lane-row.js';
import { askableLanes, type RunContext } from '../run-context.js';
import { poll } from '../step/poll.js';
import { attemptById, awaitsOthers, dueForeignPolls, duePolls } from '../store/backlog.js';
import { hasUnselectedOpen, recoverAbandoned } from '../store/lanes/abandoned-batches.js';
import type { Tasks } from '../tasks.js';

/** Polls of one lane that start in one turn of the loop. */
const AT_ONCE = 64;
/** How often batches without a live holder are looked for while a job waits. */
const FOREIGN_LOOK_MS = 5_000;

/** Batches whose predictions are looked at beside this run's own; `null` where nothing waits for their slots. */
export type Foreign = readonly number[] | null;

/**
 * Starts what is due of each lane's polls, the longest due first. Each runs by itself with a timeout of its own, so a
 * slow one delays no other; how many leave in a second is bounded for each lane.
 * @returns when a lane whose pace is used up may send its next
 */
export function startPolls(context: RunContext, tasks: Tasks, foreign: Foreign): number {
  return Math.min(...askableLanes(context).map((lane) => startLanePolls(context, tasks, lane, foreign)));
}

function startLanePolls(context: RunContext, tasks: Tasks, lane: Lane, foreign: Foreign): number {
  const kind = `poll-${lane.id}`;
  // Those under way are still due in their rows.
  const limit = tasks.count(kind) + AT_ONCE;
  const others = foreign === null ? [] : dueForeignPolls(context, foreign, lane, limit);
  const due = [...duePolls(context, lane, limit), ...others];
  const waiting = due.filter((id) => !tasks.has(kind, id));
  if (waiting.length === 0) return Number.POSITIVE_INFINITY;
  const now = context.clock.nowMs();
  const pace = paceOf(context, lane);
  for (const id of waiting) {
    const place = takePlace(pace, context.polling.paces.get(lane.id) ?? rested(pace, now), now);
    if (!place.taken) return place.untilMs;
    context.polling.paces.set(lane.id, place.state);
    const attempt = attemptById(context, id);
    tasks.start(kind, id, () => poll(context, attempt, lane));
  }
  return due.length < limit ? Number.POSITIVE_INFINITY : now;
}

function paceOf(context: RunContext, lane: Lane) {
  const { concurrent } = laneLimits(lane, laneRow(context.store, lane));
  return pollPace(concurrent, lane.settings.poll);
}

/**
 * Batches whose open predictions take slots that jobs of this run wait for, and that nobody else looks after; `null` where
 * none waits. Looked for again and again: a holder may die at any time.
 */
export function foreignBatches(context: RunContext): Foreign {
  const { foreign, clock } = context;
  if (!hasWaitingJob(context)) return null;
  if (clock.nowMs() - foreign.lookedAt >= FOREIGN_LOOK_MS) {
    foreign.lookedAt = clock.nowMs();
    foreign.batches = [...recoverAbandoned(context), ...(hasUnselectedOpen(context) ? [context.batchId] : [])];
  }
  return foreign.batches;
}

/** Whether some job waits for a place in a lane, or for the result of a prediction that only polls bring on. */
export function hasWaitingJob(context: RunContext): boolean {
  return [...context.staged.values()].some((queue) => queue.length > 0) || awaitsOthers(context);
}
