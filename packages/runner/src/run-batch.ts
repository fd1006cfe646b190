import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { reviewFinished } from './finished/review-finished.js';
import { type HeldBatch, holdBatch } from './hold-batch.js';
import { followKeyless } from './lanes/follow-keyless.js';
import { reopenLane } from './lanes/lane-closing.js';
import { holdRouteless } from './lanes/reassign.js';
import { asMachineFault } from './machine-fault.js';
import { requireWritable } from './output/output-writable.js';
import { run } from './run.js';
import { createsEnded, isSelected, type RunContext } from './run-context.js';
import type { EndReason, StopReason } from './run-events.js';
import type { RunOptions, RunOutcome } from './run-options.js';
import { endOwnStops } from './start/own-stops.js';
import { endForWantOfRoom } from './start/start-creates.js';
import { tellLeft } from './start/tell-left.js';
import { queueUndelivered, requeueVanished } from './step/deliver.js';
import { giveUpUnlisted } from './step/resubmit.js';
import { hasUnboughtJob, jobsUnderWay, selectJobs } from './store/backlog.js';
import { undeliveredJobs } from './store/deliveries.js';
import { boughtUnderFormerNames } from './store/former/former-names.js';
import type { Journal } from './store/journal.js';
import { unsettledAttempts } from './store/money/unsettled-attempts.js';
import { prepared } from './store/prepared.js';
import { recover, reexamine } from './store/recover.js';
import {
  IdNotSavedError,
  type RescuePaths,
  releaseRescueFile,
  rescuePaths,
  reserveRescueFile,
} from './store/rescue/rescue-file.js';
import { findRow } from './store/rows.js';
import { endRun } from './store/runs.js';
import { attempts } from './store/schema/schema.js';
import { countFormerNames } from './take-up/count-former-names.js';
import { seekBills } from './take-up/seek-bills.js';
import { seekLost } from './take-up/seek-lost.js';
import { seekReleased } from './take-up/seek-released.js';
import { takeUpOutputs } from './take-up/take-up-outputs.js';
import { takeUpServed } from './take-up/take-up-served.js';
import { takeUpTwins } from './take-up/take-up-twins.js';
import { Tasks } from './tasks.js';

/**
 * Carries out a plan: one run over one batch. May be killed at any instant and called again; what was paid for is
 * followed, never bought again.
 * @throws LocalizeError BATCH_LOCKED, BATCH_ELSEWHERE, KEY_DUPLICATE, and the machine's faults (ID_NOT_SAVED, DISK_FULL,
 * OUTPUT_UNWRITABLE, STATE_UNUSABLE).
 */
export function runBatch(options: RunOptions): Promise<RunOutcome> {
  return holdBatch(options, (held) => runHeld(options, held));
}

async function runHeld(options: RunOptions, { context, runId, stopFreeWork }: HeldBatch): Promise<RunOutcome> {
  const { journal } = context;
  tryAgain(context);
  const tasks = new Tasks(context.clock);
  let why: EndReason = 'machine';
  const stopHearing = hearStops(options, journal, tasks);
  try {
    await begin(context, runId, tasks);
    why = await run(context, tasks);
    if (why !== 'interrupted' && why !== 'machine') await seekBills(context);
  } catch (error) {
    tasks.faults.push(error);
  } finally {
    stopHearing();
  }
  if (why === 'interrupted' || why === 'machine') tellStopping(journal, tasks, why);
  stopFreeWork();
  // Replies of creates in flight are awaited: each one is money.
  await tasks.drained('submit');
  await tasks.drained();
  return closeRun(context, runId, tasks.faults.length > 0 ? 'machine' : why, tasks.faults);
}

/** What waits for a person is tried once more: lanes that closed, and jobs that are held for a reason that may be gone. */
function tryAgain(context: RunContext): void {
  const { journal, batchId, plan, options } = context;
  const buys = !createsEnded(context);
  // One that buys nothing would not find out whether the person has helped.
  if (buys) for (const lane of context.lanes) reopenLane(journal, lane);
  reexamine(journal, batchId, {
    prices: plan.prices,
    buys,
    canFind: (provider) => options.providers.get(provider)?.find !== undefined,
    isSelected: (key) => isSelected(context, key),
  });
}

/** Lets the loop look at once when the run is to stop. @returns ends that */
function hearStops({ stop, endCreates, abort }: RunOptions, journal: Journal, tasks: Tasks): () => void {
  const wake = () => tasks.wake();
  const tellEndOfCreates = () => {
    tellStopping(journal, tasks, 'stop-after');
    wake();
  };
  stop?.addEventListener('abort', wake);
  endCreates?.addEventListener('abort', tellEndOfCreates);
  abort?.addEventListener('abort', wake);
  return () => {
    stop?.removeEventListener('abort', wake);
    endCreates?.removeEventListener('abort', tellEndOfCreates);
    abort?.removeEventListener('abort', wake);
  };
}

/** Takes up what earlier runs have left, and says what this one begins with, before anything is bought. */
async function begin(context: RunContext, runId: string, tasks: Tasks): Promise<void> {
  const selected = selectJobs(context);
  const uncounted = await takeUpWork(context);
  queueDeliveries(context, tasks);
  tellStart(context, runId, selected);
  await takeUpAlike(context, uncounted);
  tellLeft(context);
  tellSearches(context);
}

/** @returns what was paid for under former names and no cap counts, in words */
async function takeUpWork(context: RunContext): Promise<string[]> {
  const { spending, options, batchId } = context;
  spending.purses?.open();
  holdRouteless(context);
  await followKeyless(context);
  giveUpUnlisted(context);
  if (hasUnboughtJob(context)) {
    await requireWritable(context.folder);
    reserveRescue(context);
  }
  await takeUpOutputs(context);
  const uncounted = await countFormerNames(context);
  await seekReleased(context);
  await seekBills(context);
  await seekLost(context);
  await reviewFinished(context);
  // Only now those wait that are made again.
  spending.purses?.served.begin(batchId, options.served ?? new Map());
  return uncounted;
}

function queueDeliveries(context: RunContext, tasks: Tasks): void {
  const { delivery } = context.options;
  queueUndelivered(context);
  if (delivery) tasks.start('look-delivered', 0, () => requeueVanished(context, delivery));
}

function tellStart(context: RunContext, runId: string, selected: { jobs: number; done: number }): void {
  const underWay = jobsUnderWay(context);
  context.journal.tell({
    type: 'run:started',
    runId,
    batch: context.plan.batch,
    ...selected,
    ...(underWay.length > 0 && { underWay }),
  });
}

/** Serves what is made of the very same as something bought before, also where the budget has no room for it. */
async function takeUpAlike(context: RunContext, uncounted: readonly string[]): Promise<void> {
  const { store, plan, options, journal } = context;
  const formerNames = boughtUnderFormerNames(store, plan, options.manifestPath);
  for (const message of [...formerNames, ...uncounted]) journal.tell({ type: 'problem', message });
  if (formerNames.length > 0) await takeUpTwins(context, 'all');
  else await takeUpServed(context);
}

function closeRun(context: RunContext, runId: string, why: EndReason, faults: unknown[]): RunOutcome {
  const { journal, store, batchId } = context;
  let exit: ExitCode = EXIT.machine;
  try {
    // Whoever stops a run does not wait for another program: the next run recovers what this one could not write.
    if (why === 'interrupted') journal.looksLocked();
    journal.withKnownLock(() => {
      journal.close();
      if (why !== 'machine') exit = exitOf(context, why);
      recover(journal, batchId);
      releaseRescueFile(rescuePathsOf(context));
      endOwnStops(context);
      context.laneWaits.end();
      endRun(store, runId, { endedAt: context.clock.wallMs(), why });
      store.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    });
  } catch (error) {
    // A disk that is full takes no farewell either; the next run recovers the rest.
    faults.push(error);
  }
  journal.tell({ type: 'run:ended', runId, why, exit });
  if (faults.length > 0) throw asMachineFault(gravest(faults, rescuePathsOf(context)));
  return { runId, why, exit };
}

/** An id that the state could not take is what the user must hear of first. */
function gravest(faults: readonly unknown[], paths: RescuePaths): unknown {
  const notSaved = faults.filter((error) => error instanceof IdNotSavedError);
  return notSaved.length > 0 ? IdNotSavedError.together(notSaved, paths) : faults[0];
}

/** No create leaves whose id might find no room. What is bought already is still fetched. */
function reserveRescue(context: RunContext): void {
  try {
    reserveRescueFile(rescuePathsOf(context));
  } catch (error) {
    const fault = asMachineFault(error);
    if (!(fault instanceof LocalizeError) || fault.code !== 'DISK_FULL') throw error;
    endForWantOfRoom(context, fault);
  }
}

function rescuePathsOf({ store, plan }: RunContext): RescuePaths {
  return rescuePaths(store.path, plan.batch);
}

function exitOf(context: RunContext, why: EndReason): ExitCode {
  if (why === 'interrupted') return EXIT.interrupted;
  if (why === 'budget' || why === 'stop-after') return EXIT.userLimit;
  const row = prepared<[number], { left: number }>(
    context.store,
    `SELECT count(*) AS left FROM jobs INDEXED BY jobs_backlog
       WHERE batch_id = ? AND state <> 'succeeded' AND id IN (SELECT job_id FROM temp.selected WHERE asked = 1)`,
  ).get(context.batchId);
  const isWhole = row?.left === 0 && !hasUndelivered(context) && context.finished.notRemade.size === 0;
  return isWhole ? EXIT.ok : EXIT.someFailed;
}

/** The outputs are there, but not where the manifest wants them too. */
function hasUndelivered(context: RunContext): boolean {
  return undeliveredJobs(context.store, context.batchId).some(({ key }) => isSelected(context, key));
}

/** A run stays for them, also where nothing else is left to do. */
function tellSearches({ journal, store, batchId }: RunContext): void {
  const sought = unsettledAttempts(store, batchId).flatMap(
    ({ id }) => findRow(store, attempts, 'WHERE id = ?', id) ?? [],
  );
  const looked = sought.filter(
    ({ state, searchAt, predictionId }) =>
      searchAt !== null && predictionId === null && (state === 'uncertain' || state === 'abandoned'),
  );
  if (looked.length === 0) return;
  const what =
    looked.length === 1 ? 'a create whose reply was lost is' : `${looked.length} creates whose replies were lost are`;
  const where = [...new Set(looked.map(({ provider }) => provider))].join(', ');
  journal.tell({ type: 'problem', message: `${what} looked for in the list of ${where}, which may lag` });
}

function tellStopping(journal: Journal, tasks: Tasks, why: StopReason): void {
  journal.tell({ type: 'run:stopping', why, repliesInFlight: tasks.count('submit') });
}
