import { reviewFetched } from './finished/review-finished.js';
import { passOnUnaffordable, reassign } from './lanes/reassign.js';
import { stateLocked } from './machine-fault.js';
import { DiskSpace } from './output/disk-space.js';
import { askableLanes, createsEnded, type RunContext } from './run-context.js';
import type { EndReason } from './run-events.js';
import { followPrices } from './start/follow-prices.js';
import { isCapNewlyMet, lookForRoom, tellMetCaps } from './start/met-caps.js';
import { startBills } from './start/start-bills.js';
import { startCreates } from './start/start-creates.js';
import { startDownloads } from './start/start-downloads.js';
import { foreignBatches, hasWaitingJob, startPolls } from './start/start-polls.js';
import { startStaging } from './start/start-staging.js';
import { holdTwins, noteTwinStops, releaseTwins } from './start/twins.js';
import { deliver } from './step/deliver.js';
import { finishAgain } from './step/finish-output.js';
import { search } from './step/search.js';
import {
  attemptById,
  awaitsOthers,
  dueAwaitedSearches,
  dueForeignSearches,
  dueSearches,
  hasUnboughtJob,
  nextDueAt,
} from './store/backlog.js';
import { boughtUnderFormerNames } from './store/former/former-names.js';
import { takeUpTwins } from './take-up/take-up-twins.js';
import type { Tasks } from './tasks.js';

/** Searches of one lane, reviews, deliverables and deliveries that run at once, and jobs that are served in one turn. */
const AT_ONCE = { search: 4, review: 2, finish: 2, deliver: 3, takeUp: 250 };
const FOREIGN_POLL_MS = 2_000;
const LOCKED_LOOK_MS = 250;
/** Saving the ids of paid predictions has its own patience. */
const LOCKED_PATIENCE_MS = 10_000;

/**
 * The whole life of a run: claim what is due, take one step with each, record what came of it, repeat. The backlog is
 * in the database; only what is under way or can start soon is in memory. Downloads go before creates, since results
 * expire. Lanes never wait for each other.
 */
export async function run(context: RunContext, tasks: Tasks): Promise<EndReason> {
  const disk = new DiskSpace(context);
  const { stop, abort } = context.options;
  let lockedSinceMs: number | null = null;
  for (;;) {
    if (tasks.faults.length > 0) return 'machine';
    if (stop?.aborted || abort?.aborted) return 'interrupted';
    if (context.journal.looksLocked()) {
      // Nothing is begun: a write of ours would keep this process from hearing a stop, and ids of paid predictions may wait.
      const nowMs = context.clock.nowMs();
      lockedSinceMs ??= nowMs;
      if (nowMs - lockedSinceMs > LOCKED_PATIENCE_MS && tasks.count('submit') === 0) throw stateLocked('SQLITE_BUSY');
      await tasks.changed(nowMs + LOCKED_LOOK_MS);
      continue;
    }
    lockedSinceMs = null;
    await takeUpReleased(context);
    const wakeAt = pump(context, tasks, disk);
    const isIdle = tasks.size === 0 && wakeAt === Number.POSITIVE_INFINITY;
    if (isIdle && (holdTwins(context) || endServedWaits(context))) continue;
    const outOfRoom = isIdle ? null : lookForRoom(context);
    if (isIdle ? areLeftOut(context) : isCapNewlyMet(context, outOfRoom)) {
      const isTaken = await takeUpTwins(context, 'all');
      // Work may have ended meanwhile.
      if (!isIdle && !isTaken) tellMetCaps(context, lookForRoom(context));
      if (!isIdle || isTaken) continue;
    }
    if (isIdle) return endReason(context);
    tellMetCaps(context, outOfRoom);
    noteTwinStops(context, tasks);
    await tasks.changed(wakeAt);
  }
}

/** Serves the jobs whose wait for another's result is over, as far as that has come; the rest are to be bought. */
async function takeUpReleased(context: RunContext): Promise<void> {
  const { twins, spending } = context;
  const served = spending.purses?.served.ready(AT_ONCE.takeUp) ?? [];
  const released = [...twins.drainReleased(), ...served];
  if (released.length === 0) return;
  await takeUpTwins(context, released);
  spending.purses?.served.letGo(served);
}

/** Where nothing else is left to do, what was to be bought for others has no room, or went another way than foreseen. */
function endServedWaits(context: RunContext): boolean {
  return !createsEnded(context) && context.spending.purses?.served.endWaits() === true;
}

/** Jobs are left that the budget has no room for, or that nothing is bought for any more. */
function areLeftOut(context: RunContext): boolean {
  if (context.spending.noRoom !== null || !hasUnboughtJob(context)) return false;
  if (!createsEnded(context)) return context.spending.purses !== null;
  return boughtUnderFormerNames(context.store, context.plan, context.options.manifestPath).length > 0;
}

/**
 * Creates that ended when nothing waited for one have kept nothing back.
 * @throws LocalizeError DISK_FULL or OUTPUT_UNWRITABLE when they ended since no disk takes what they make
 */
function endReason(context: RunContext): EndReason {
  if (context.spending.noRoom !== null) throw context.spending.noRoom;
  if (!hasUnboughtJob(context)) return context.spending.leavesJobs ? 'budget' : 'finished';
  if (createsEnded(context)) return 'stop-after';
  // All that could release money has ended, and nothing that is left fits.
  tellMetCaps(context, lookForRoom(context), 'at the end');
  return context.spending.purses === null ? 'finished' : 'budget';
}

/** Writes what has come, and starts all that can start now. @returns when to look again, if nothing ends before. */
function pump(context: RunContext, tasks: Tasks, disk: DiskSpace): number {
  // Taken first: what falls due while the queries below run must still count as waiting.
  const startedAt = context.clock.nowMs();
  context.wallWatch.look();
  context.journal.flush();
  followPrices(context);
  startDownloads(context, tasks);
  startReviews(context, tasks);
  startFinishing(context, tasks);
  startDeliveries(context, tasks);
  startBills(context, tasks);
  const foreign = foreignBatches(context);
  const pollAt = startPolls(context, tasks, foreign);
  startSearches(context, tasks, foreign ?? []);
  // Where nothing is bought any more, jobs stay with the lanes that they wait for: the next run may find these open again.
  const buys = !createsEnded(context);
  if (buys) reassign(context);
  const slotAt = buys ? startCreates(context, tasks, disk) : Number.POSITIVE_INFINITY;
  if (!createsEnded(context)) {
    passOnUnaffordable(context);
    startStaging(context, tasks);
  }
  // After them: what it releases may be served for free, and is looked at for that before anything else is bought.
  releaseTwins(context);
  const asksForOthers = awaitsOthers(context) || (hasWaitingJob(context) && context.foreign.batches.length > 0);
  const foreignAt = asksForOthers ? startedAt + FOREIGN_POLL_MS : Number.POSITIVE_INFINITY;
  if (context.twins.areReleased || context.spending.purses?.served.areReady) return startedAt;
  return Math.min(slotAt, pollAt, foreignAt, nextDueAt(context, startedAt, tasks.size === 0));
}

function startReviews(context: RunContext, tasks: Tasks): void {
  while (tasks.count('review') < AT_ONCE.review) {
    const jobId = context.finished.toReview.shift();
    if (jobId === undefined) return;
    tasks.start('review', jobId, () => reviewFetched(context, jobId));
  }
}

/** Local work: more at once gains nothing on one disk. */
function startFinishing(context: RunContext, tasks: Tasks): void {
  while (tasks.count('finish') < AT_ONCE.finish) {
    const jobId = context.finished.toFinish.shift();
    if (jobId === undefined) return;
    tasks.start('finish', jobId, () => finishAgain(context, jobId));
  }
}

/** An output that is about to be made anew waits for that. */
function startDeliveries(context: RunContext, tasks: Tasks): void {
  const { options, delivering } = context;
  const { delivery } = options;
  if (!delivery || delivering.refused || context.finished.toFinish.length > 0 || tasks.count('finish') > 0) return;
  while (tasks.count('deliver') < AT_ONCE.deliver) {
    const jobId = delivering.waiting.shift();
    if (jobId === undefined) return;
    tasks.start('deliver', jobId, () => deliver(context, jobId, delivery));
  }
}

function startSearches(context: RunContext, tasks: Tasks, foreign: readonly number[]): void {
  const limit = AT_ONCE.search * 2;
  for (const lane of askableLanes(context)) {
    const kind = `search-${lane.id}`;
    const own = [...dueSearches(context, lane, limit), ...dueAwaitedSearches(context, lane)];
    const due = [...own, ...dueForeignSearches(context, foreign, lane, limit)];
    for (const id of due) {
      if (tasks.count(kind) >= AT_ONCE.search) break;
      if (tasks.has(kind, id)) continue;
      const attempt = attemptById(context, id);
      tasks.start(kind, id, () => search(context, attempt, lane));
    }
  }
}
