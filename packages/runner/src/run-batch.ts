import { randomUUID } from 'node:crypto';
import { EXIT, type ExitCode, LocalizeError, type Plan, type ProviderId } from '@localize/core';
import { eq } from 'drizzle-orm';
import type { Clock } from './clock.js';
import { ContentIds } from './content/hash-file.js';
import { indexResults } from './content/result-index.js';
import type { Lane } from './lanes/lane.js';
import { reopenLane } from './lanes/lane-feedback.js';
import { openLanes } from './lanes/open-lanes.js';
import { batchFolder } from './output-paths.js';
import { reviewFinished } from './review-finished.js';
import { run } from './run.js';
import type { RunContext } from './run-context.js';
import type { EndReason, StopReason } from './run-events.js';
import type { RunOptions, RunOutcome } from './run-options.js';
import { selectJobs } from './store/backlog.js';
import { takeBatchLock } from './store/batch-lock.js';
import { bootClock } from './store/boot-clock.js';
import { Journal } from './store/journal.js';
import { recover, reexamine } from './store/recover.js';
import { registerPlan } from './store/register-plan.js';
import { importRescueFile } from './store/rescue-file.js';
import { batches, runs } from './store/schema.js';
import type { BatchRow } from './store/store.js';
import { Tasks } from './tasks.js';

/**
 * Carries out a plan: one run over one batch. May be killed at any instant and called again; what was paid for is
 * followed, never bought again.
 * @throws LocalizeError BATCH_LOCKED, BATCH_ELSEWHERE, KEY_DUPLICATE, and the machine's faults (ID_NOT_SAVED, DISK_FULL,
 * OUTPUT_UNWRITABLE, STATE_UNUSABLE).
 */
export async function runBatch(options: RunOptions): Promise<RunOutcome> {
  const clock = options.clock ?? bootClock(options.store);
  const { plan, store, host } = options;
  const holder = { pid: process.pid, host, since: new Date(clock.nowMs()).toISOString() };
  const lock = takeBatchLock(store.path, plan.batch, holder);
  try {
    const folder = batchFolder(plan);
    const sameBatch = options.sameBatch ?? false;
    const batch = registerPlan(store, clock, plan, { manifestPath: options.manifestPath, folder, sameBatch });
    const runId = beginRun(options, clock, batch);
    const journal = new Journal(store, clock, runId, options.onEvent ?? (() => undefined));
    return await runHeld(options, clock, batch, journal, runId, folder);
  } finally {
    lock.release();
  }
}

async function runHeld(
  options: RunOptions,
  clock: Clock,
  batch: BatchRow,
  journal: Journal,
  runId: string,
  folder: string,
): Promise<RunOutcome> {
  importRescueFile(journal);
  recover(journal, batch.id);
  const lanes = openLanes(options.store, options.plan, options.keys, options.laneHost ?? hostOf(options.plan));
  for (const lane of lanes) reopenLane(journal, lane);
  reexamine(journal, batch.id, (provider) => options.providers.get(provider)?.find !== undefined);
  const tasks = new Tasks(clock);
  const stopFreeWork = new AbortController();
  const context = makeContext(options, clock, batch, journal, lanes, folder, stopFreeWork.signal);
  let why: EndReason = 'machine';
  let fault: { error: unknown } | null = null;
  const wake = () => tasks.wake();
  options.stop?.addEventListener('abort', wake);
  options.abort?.addEventListener('abort', wake);
  try {
    const selected = selectJobs(context);
    await reviewFinished(context);
    journal.tell({ type: 'run:started', runId, batch: batch.name, ...selected });
    why = await run(context, tasks);
  } catch (error) {
    fault = { error };
  } finally {
    options.stop?.removeEventListener('abort', wake);
    options.abort?.removeEventListener('abort', wake);
  }
  if (why !== 'finished' && why !== 'budget') tellStopping(journal, tasks, why);
  stopFreeWork.abort();
  // Replies of creates in flight are awaited: each one is money.
  await tasks.drained('submit');
  await tasks.drained();
  fault ??= tasks.fault;
  return endRun(context, runId, fault ? 'machine' : why, fault);
}

function endRun(context: RunContext, runId: string, why: EndReason, fault: { error: unknown } | null): RunOutcome {
  const { journal, store, batchId } = context;
  const exit = why === 'machine' ? EXIT.machine : exitOf(context, why);
  try {
    recover(journal, batchId);
    store.db.update(runs).set({ endedAt: context.clock.nowMs(), endedWhy: why }).where(eq(runs.id, runId)).run();
    store.sqlite.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // A disk that is full takes no farewell either; the next run recovers the rest.
    fault ??= { error };
  }
  journal.tell({ type: 'run:ended', runId, why, exit });
  if (fault) throw asMachineFault(fault.error);
  return { runId, why, exit };
}

function exitOf(context: RunContext, why: EndReason): ExitCode {
  if (why === 'interrupted') return EXIT.interrupted;
  if (why === 'budget' || why === 'stop-after') return EXIT.userLimit;
  const row = context.store.sqlite
    .prepare<[], { left: number }>(
      `SELECT count(*) AS left FROM jobs WHERE state <> 'succeeded' AND id IN (SELECT job_id FROM temp.selected)`,
    )
    .get();
  return row?.left === 0 ? EXIT.ok : EXIT.someFailed;
}

function beginRun(options: RunOptions, clock: Clock, batch: BatchRow): string {
  const id = randomUUID();
  const { host, version, store } = options;
  store.db.transaction(
    () => {
      store.db.insert(runs).values({ id, batchId: batch.id, startedAt: clock.nowMs(), host, version }).run();
      store.db.update(batches).set({ holderRunId: id }).where(eq(batches.id, batch.id)).run();
    },
    { behavior: 'immediate' },
  );
  return id;
}

function makeContext(
  options: RunOptions,
  clock: Clock,
  batch: BatchRow,
  journal: Journal,
  lanes: Lane[],
  folder: string,
  freeWork: AbortSignal,
): RunContext {
  const { plan, store } = options;
  return {
    options,
    plan,
    batchId: batch.id,
    folder,
    store,
    journal,
    clock,
    random: options.random ?? Math.random,
    lanes,
    routes: new Map(options.catalogue.routes.map((route) => [route.id, route])),
    contentIds: new ContentIds(store),
    staged: new Map(),
    providersInPlan: new Set(plan.jobs.flatMap((job) => job.choices.map((choice) => choice.provider))),
    spending: { capped: false },
    uploads: new Map(),
    resultsOnDisk: once(() => indexResults(plan.outputDir, plan.emulate)),
    freeWork,
    paidWork: options.abort,
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= work());
}

function hostOf(plan: Plan): (provider: ProviderId) => string {
  return (provider) => {
    const base = plan.providers[provider]?.hosts.base_url;
    if (base === undefined) throw new Error(`the plan has no base_url for ${provider}`);
    return new URL(base).host;
  };
}

function tellStopping(journal: Journal, tasks: Tasks, why: StopReason): void {
  journal.tell({ type: 'run:stopping', why, repliesInFlight: tasks.count('submit') });
}

/** Gives the machine's faults their stable codes; a bug stays what it is. */
function asMachineFault(error: unknown): unknown {
  if (error instanceof LocalizeError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
    const hint = 'free some space, then run again: nothing that was paid for is lost';
    return new LocalizeError('DISK_FULL', message, { hint, cause: error });
  }
  if (code.startsWith('SQLITE_')) {
    const hint = 'check the state’s folder and disk, then run again';
    return new LocalizeError('STATE_UNUSABLE', `${code}: ${message}`, { hint, cause: error });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EIO'].includes(code)) {
    const hint = 'make the output folder writable, then run again: nothing that was paid for is lost';
    return new LocalizeError('OUTPUT_UNWRITABLE', message, { hint, cause: error });
  }
  return error;
}
