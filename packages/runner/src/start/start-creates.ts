import { type Admission, type LocalizeError, leastLoaded } from '@localize/core';
import { admit } from '../lanes/admission.js';
import { type Lane, lanesByProvider } from '../lanes/lane.js';
import { leaveBlockedRoutes } from '../lanes/reassign.js';
import type { DiskSpace } from '../output/disk-space.js';
import { whyUnwritable } from '../output/output-writable.js';
import { createsEnded, type RunContext, type StagedJob } from '../run-context.js';
import { keepStanding } from '../step/keep-standing.js';
import { reserve, submit, unstage } from '../step/submit.js';
import { isShared } from '../store/backlog.js';
import type { Unwanted } from '../store/review/unwanted-remake.js';
import type { AttemptRow } from '../store/store.js';
import type { Tasks } from '../tasks.js';
import { awaitTwin } from './twins.js';

const SHARED_LANE_LOOK_MS = 100;
/** A command may change the limits of a lane that is full. */
const LIMITS_LOOK_MS = 1_000;
/** A reply of our own wakes the loop; the one that shows a route's price may be another process's. */
const PRICE_LOOK_MS = 1_000;

/** @returns when some lane that has a job waiting gets its next place. */
export function startCreates(context: RunContext, tasks: Tasks, disk: DiskSpace): number {
  let soonest = Number.POSITIVE_INFINITY;
  for (const [provider, lanes] of lanesByProvider(context.lanes)) {
    // For want of room, which is the same for all.
    if (createsEnded(context)) break;
    const queue = context.staged.get(provider) ?? [];
    if (queue.length > 0) soonest = Math.min(soonest, fillLanes(context, tasks, disk, lanes, queue));
  }
  return soonest;
}

/** Deals a provider's staged jobs to its lanes, each to the one that is furthest from its limits. */
function fillLanes(
  context: RunContext,
  tasks: Tasks,
  disk: DiskSpace,
  lanes: readonly Lane[],
  queue: StagedJob[],
): number {
  // A cheap look before the transaction that decides.
  const looks = new Map(lanes.map((lane) => [lane, lookAt(context, lane)]));
  if (leastLoaded(looks) === null) return nextLookAt(context, looks);
  const done: Dealt = { intents: [], unwanted: [] };
  // Their intents share one commit, and all of them are on the disk before the first of their POSTs leaves.
  const wakeAt = context.journal.transact(() => buyAll(context, disk, looks, queue, done));
  for (const { attempt, lane } of done.intents) tasks.start('submit', attempt.id, () => submit(context, attempt, lane));
  for (const { jobId, why } of done.unwanted) tasks.start('keep', jobId, () => keepStanding(context, jobId, why));
  return wakeAt;
}

interface Intent {
  readonly attempt: AttemptRow;
  readonly lane: Lane;
}

/** What became of staged jobs. */
interface Dealt {
  readonly intents: Intent[];
  readonly unwanted: { readonly jobId: number; readonly why: Unwanted }[];
}

/** Buys as long as a lane takes a create. @param done is added to. @returns when to look again */
function buyAll(
  context: RunContext,
  disk: DiskSpace,
  looks: Map<Lane, Admission>,
  queue: StagedJob[],
  done: Dealt,
): number {
  // Jobs that wait for their route's price stay where they are in the queue; those behind them have their turn.
  let at = 0;
  let folder: { readonly refusal: LocalizeError | null } | null = null;
  const priceAt = () => (at > 0 ? context.clock.nowMs() + PRICE_LOOK_MS : Number.POSITIVE_INFINITY);
  for (let next = queue[at]; next !== undefined; next = queue[at]) {
    const lane = leastLoaded(looks);
    if (lane === null) return Math.min(priceAt(), nextLookAt(context, looks));
    // One look at the folder for all of them, since they are bought together and only then leave.
    folder ??= { refusal: whyUnwritable(context.folder) };
    const refusal = folder.refusal ?? disk.refusal(next.durationMs);
    if (refusal !== null) {
      endForWantOfRoom(context, refusal);
      return Number.POSITIVE_INFINITY;
    }
    const result = reserve(context, next, lane);
    if (result.outcome === 'wait') looks.set(lane, result.admission);
    else if (result.outcome === 'awaits-price') at += 1;
    else queue.splice(at, 1);
    switch (result.outcome) {
      case 'wait':
      case 'awaits-price':
      case 'bought':
      case 'stale':
        break;
      case 'over-budget':
        // Others have taken what it was staged for. It waits until it fits again, and the next has its turn.
        unstage(context, next);
        break;
      case 'unpriced':
      case 'route-closed':
        leaveBlockedRoutes(context);
        break;
      case 'twin':
        awaitTwin(context, result.attemptId, next);
        break;
      case 'unwanted':
        done.unwanted.push({ jobId: next.jobId, why: result.why });
        break;
      case 'intended':
        disk.expect(next.durationMs);
        done.intents.push({ attempt: result.attempt, lane });
        // Where there is only this lane, the next purchase looks for itself.
        if (looks.size > 1) looks.set(lane, lookAt(context, lane));
    }
  }
  return priceAt();
}

function lookAt(context: RunContext, lane: Lane): Admission {
  return admit(context.store, { lane, batchId: context.batchId }, context.clock.nowMs());
}

/** What is bought already is still fetched, as far as it fits. */
export function endForWantOfRoom(context: RunContext, refusal: LocalizeError): void {
  context.spending.noRoom = refusal;
  context.journal.tell({ type: 'problem', message: `no further create leaves: ${refusal.message}` });
}

function nextLookAt(context: RunContext, looks: ReadonlyMap<Lane, Admission>): number {
  return Math.min(...[...looks].map(([lane, look]) => lookAgainAt(context, lane, look)));
}

/**
 * Our own replies and ends wake the loop; what another process does to this lane must be looked for, and it is told that
 * jobs wait here.
 */
function lookAgainAt(context: RunContext, lane: Lane, look: Admission): number {
  const now = context.clock.nowMs();
  if (look.admitted) return now;
  const isFull = look.why === 'window' || look.why === 'concurrency';
  const untilMs = isFull ? Math.min(look.untilMs, now + LIMITS_LOOK_MS) : look.untilMs;
  if (!isShared(context, lane)) return untilMs;
  const { laneWaits, journal } = context;
  const isInLine = isFull || look.why === 'shared';
  if (isInLine && laneWaits.isDue(lane.id, now)) journal.transact(() => laneWaits.say(lane.id, now), 'kill');
  return Math.min(untilMs, now + SHARED_LANE_LOOK_MS);
}
