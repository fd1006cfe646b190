import { type Admission, formatUsd, leastLoaded } from '@localize/core';
import { DiskSpace } from './disk-space.js';
import { admit } from './lanes/admission.js';
import type { Lane } from './lanes/lane.js';
import { reassign } from './lanes/reassign.js';
import { createsEnded, type RunContext, type StagedJob } from './run-context.js';
import type { EndReason } from './run-events.js';
import { download } from './step/download.js';
import { poll } from './step/poll.js';
import { search } from './step/search.js';
import { claimForStaging, stage } from './step/stage.js';
import { reserve, submit } from './step/submit.js';
import { recoverAbandoned } from './store/abandoned-batches.js';
import {
  dueDownloads,
  dueForeignPolls,
  duePolls,
  dueSearches,
  hasUnboughtJob,
  isShared,
  nextDueAt,
  type Room,
} from './store/backlog.js';
import type { BuyResult } from './store/buy.js';
import type { Tasks } from './tasks.js';

/** Work of one kind that runs at once. Creates are bounded by their lanes alone. */
const AT_ONCE = { download: 6, poll: 24, search: 4, stage: 6 };
/** Staged jobs that wait for a slot, beyond those that a lane could take at once. */
const STAGED_AHEAD = 4;
const MOST_STAGED = 64;
const FOREIGN_POLL_MS = 2_000;
const FOREIGN_LOOK_MS = 5_000;
const SHARED_LANE_LOOK_MS = 100;

/**
 * The whole life of a run: claim what is due, take one step with each, record what came of it, repeat. The backlog is
 * in the database; only what is under way or can start soon is in memory. Downloads go before creates, since results
 * expire. Lanes never wait for each other.
 */
export async function run(context: RunContext, tasks: Tasks): Promise<EndReason> {
  const disk = new DiskSpace(context);
  const { stop, abort } = context.options;
  for (;;) {
    if (tasks.faults.length > 0) return 'machine';
    if (stop?.aborted || abort?.aborted) return 'interrupted';
    const wakeAt = pump(context, tasks, disk);
    if (tasks.size === 0 && wakeAt === Number.POSITIVE_INFINITY) return endReason(context);
    await tasks.changed(wakeAt);
  }
}

/** Creates that ended when nothing waited for one have kept nothing back. */
function endReason(context: RunContext): EndReason {
  if (context.spending.capped) return 'budget';
  return createsEnded(context) && hasUnboughtJob(context) ? 'stop-after' : 'finished';
}

/** Writes what has come, and starts all that can start now. @returns when to look again, if nothing ends before. */
function pump(context: RunContext, tasks: Tasks, disk: DiskSpace): number {
  // Taken first: what falls due while the queries below run must still count as waiting.
  const startedAt = context.clock.nowMs();
  context.journal.flush();
  startDownloads(context, tasks);
  startPolls(context, tasks);
  startSearches(context, tasks);
  reassign(context);
  const slotAt = createsEnded(context) ? Number.POSITIVE_INFINITY : startCreates(context, tasks, disk);
  if (!createsEnded(context)) startStaging(context, tasks);
  const foreignAt =
    hasWaitingJob(context) && context.foreign.batches.length > 0
      ? startedAt + FOREIGN_POLL_MS
      : Number.POSITIVE_INFINITY;
  return Math.min(slotAt, foreignAt, nextDueAt(context, startedAt, tasks.size === 0));
}

function startDownloads(context: RunContext, tasks: Tasks): void {
  for (const { job, attempt } of dueDownloads(context, roomFor(tasks, 'download'))) {
    if (tasks.count('download') >= AT_ONCE.download) return;
    const lane = context.lanes.find((each) => each.id === attempt.laneId) ?? null;
    tasks.start('download', job.id, () => download(context, job, attempt, lane));
  }
}

function roomFor(tasks: Tasks, kind: keyof typeof AT_ONCE): Room {
  return { most: AT_ONCE[kind], isRunning: (subject) => tasks.has(kind, subject) };
}

function startPolls(context: RunContext, tasks: Tasks): void {
  const room = roomFor(tasks, 'poll');
  const foreign = hasWaitingJob(context) ? dueForeignPolls(context, foreignBatches(context), room) : [];
  for (const attempt of [...duePolls(context, room), ...foreign]) {
    if (tasks.count('poll') >= AT_ONCE.poll) return;
    const lane = context.lanes.find((each) => each.id === attempt.laneId);
    if (lane) tasks.start('poll', attempt.id, () => poll(context, attempt, lane));
  }
}

/** Looked for again and again while a job waits: a holder may die at any time. */
function foreignBatches(context: RunContext): readonly number[] {
  const { foreign, clock } = context;
  if (clock.nowMs() - foreign.lookedAt >= FOREIGN_LOOK_MS) {
    foreign.lookedAt = clock.nowMs();
    foreign.batches = recoverAbandoned(context);
  }
  return foreign.batches;
}

function hasWaitingJob(context: RunContext): boolean {
  return [...context.staged.values()].some((queue) => queue.length > 0);
}

function startSearches(context: RunContext, tasks: Tasks): void {
  for (const attempt of dueSearches(context, roomFor(tasks, 'search'))) {
    if (tasks.count('search') >= AT_ONCE.search) return;
    const lane = context.lanes.find((each) => each.id === attempt.laneId);
    if (lane) tasks.start('search', attempt.id, () => search(context, attempt, lane));
  }
}

/** @returns when some lane that has a job waiting gets its next place. */
function startCreates(context: RunContext, tasks: Tasks, disk: DiskSpace): number {
  let soonest = Number.POSITIVE_INFINITY;
  for (const [provider, lanes] of lanesByProvider(context)) {
    const queue = context.staged.get(provider) ?? [];
    if (queue.length > 0) soonest = Math.min(soonest, fillLanes(context, tasks, disk, lanes, queue));
  }
  return soonest;
}

function lanesByProvider({ lanes }: RunContext): Map<string, Lane[]> {
  const groups = new Map<string, Lane[]>();
  for (const lane of lanes) groups.set(lane.provider, [...(groups.get(lane.provider) ?? []), lane]);
  return groups;
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
  const look = (lane: Lane) => admit(context.store, lane, context.clock.nowMs());
  const looks = new Map(lanes.map((lane) => [lane, look(lane)]));
  for (let next = queue[0]; next !== undefined; next = queue[0]) {
    const lane = leastLoaded(looks);
    if (lane === null) return Math.min(...[...looks].map(([each, refused]) => lookAgainAt(context, each, refused)));
    disk.requireRoomFor(next.durationMs);
    const result = reserve(context, next, lane);
    switch (result.outcome) {
      case 'wait':
        looks.set(lane, result.admission);
        break;
      case 'over-budget':
        context.spending.capped = true;
        tellCapped(context, result);
        return Number.POSITIVE_INFINITY;
      case 'stale':
        queue.shift();
        break;
      case 'intended':
        queue.shift();
        disk.expect(next.durationMs);
        tasks.start('submit', result.attempt.id, () => submit(context, result.attempt, lane));
        looks.set(lane, look(lane));
    }
  }
  return Number.POSITIVE_INFINITY;
}

function tellCapped(context: RunContext, { neededMicros, cap }: Extract<BuyResult, { outcome: 'over-budget' }>): void {
  const need =
    neededMicros === null
      ? `the next job has no known price, and ${cap.name} caps it: set providers.<provider>.price`
      : `the next job needs $${formatUsd(neededMicros)} more than ${cap.name} leaves`;
  context.journal.tell({ type: 'problem', message: `no further create leaves: ${need}` });
}

/** Our own replies and ends wake the loop; those of another process on this lane must be looked for. */
function lookAgainAt(context: RunContext, lane: Lane, look: Admission): number {
  const untilMs = look.admitted ? context.clock.nowMs() : look.untilMs;
  return isShared(context, lane) ? Math.min(untilMs, context.clock.nowMs() + SHARED_LANE_LOOK_MS) : untilMs;
}

function startStaging(context: RunContext, tasks: Tasks): void {
  const now = context.clock.nowMs();
  for (const [provider, lanes] of lanesByProvider(context)) {
    const queue = context.staged.get(provider) ?? [];
    context.staged.set(provider, queue);
    const kind = `stage-${provider}`;
    const most = Math.min(MOST_STAGED - queue.length, AT_ONCE.stage) - tasks.count(kind);
    const lane = lanes[0];
    if (most <= 0 || lane === undefined) continue;
    const free = lanes.filter((each) => admit(context.store, each, now).admitted).length;
    const room = Math.min(most, STAGED_AHEAD + free * AT_ONCE.stage - queue.length - tasks.count(kind));
    if (room <= 0) continue;
    for (const job of claimForStaging(context, provider, room)) {
      tasks.start(kind, job.id, async () => {
        const staged = await stage(context, job, lane);
        if (staged) insertInOrder(queue, staged);
      });
    }
  }
}

/** Keeps manifest order, whichever upload ends first. */
function insertInOrder(queue: StagedJob[], staged: StagedJob): void {
  const at = queue.findIndex((each) => each.position > staged.position);
  queue.splice(at === -1 ? queue.length : at, 0, staged);
}
