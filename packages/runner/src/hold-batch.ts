import { setMaxListeners } from 'node:events';
import { type Plan, type ProviderId, secretRemover, usedProviders } from '@localize/core';
import type { Clock } from './clock.js';
import { ContentClues } from './content/content-clues.js';
import { digestOfText } from './content/digest-of-text.js';
import { ContentIds } from './content/hash-file.js';
import { indexResults } from './content/result-index.js';
import { refuseFormerNameAtWork } from './foresee/former-names-at-work.js';
import type { Lane } from './lanes/lane.js';
import { openLanes } from './lanes/open-lanes.js';
import { batchFolder } from './output/output-paths.js';
import { Polling } from './polling.js';
import type { RunContext } from './run-context.js';
import type { RunOptions } from './run-options.js';
import { AcceptedWatch } from './start/follow-prices.js';
import { endOwnStops } from './start/own-stops.js';
import { billWatch } from './start/start-bills.js';
import { Twins } from './start/twins.js';
import { UploadSlots } from './step/upload-slots.js';
import { BatchJobs } from './store/batch-jobs.js';
import { bootClock } from './store/clock/boot-clock.js';
import { WallWatch } from './store/clock/wall-ahead.js';
import { Journal } from './store/journal.js';
import { LaneWaits } from './store/lanes/lane-waits.js';
import { budgetInForce } from './store/money/budget-in-force.js';
import { priceUnknown } from './store/money/expected-prices.js';
import { Purses } from './store/money/purses.js';
import { takeBatchLock } from './store/open/batch-lock.js';
import { wholeOutputsBelow } from './store/outputs-below.js';
import { recover } from './store/recover.js';
import { registerPlan } from './store/register-plan.js';
import { importRescueFile } from './store/rescue/import-rescue-file.js';
import { beginRun } from './store/runs.js';
import type { BatchRow } from './store/store.js';
import { countPaidBefore } from './take-up/count-sidecars.js';
import { whyUnsearched } from './take-up/unsearched.js';

/** A batch that this process holds, brought up to date with its manifest and recovered from whatever ended before. */
export interface HeldBatch {
  readonly context: RunContext;
  readonly runId: string;
  /** Ends uploads, polls and downloads. */
  stopFreeWork(): void;
}

/**
 * Takes a batch's lock, registers the plan, imports the rescue file and recovers, then lets `work` at it. The lock is
 * released whatever happens.
 * @throws LocalizeError BATCH_LOCKED, BATCH_ELSEWHERE, KEY_DUPLICATE
 */
export async function holdBatch<T>(options: RunOptions, work: (held: HeldBatch) => Promise<T>): Promise<T> {
  const clock = options.clock ?? bootClock(options.store);
  const { plan, store, host } = options;
  const manifest = digestOfText(options.manifestPath) ?? undefined;
  const holder = { pid: process.pid, host, since: new Date(clock.wallMs()).toISOString(), manifest };
  const lock = takeBatchLock(store.path, plan.batch, holder);
  try {
    const contents = { clues: new ContentClues(store), ids: new ContentIds(store) };
    await refuseFormerNameAtWork(store, options, contents);
    const where = {
      manifestPath: options.manifestPath,
      folder: batchFolder(plan),
      sameBatch: options.sameBatch ?? false,
      destination: options.delivery?.destination ?? null,
      staging: options.staging?.destination ?? null,
    };
    const batch = registerPlan(store, clock, plan, where);
    // Another may have been registered meanwhile, and either sees the other now.
    await refuseFormerNameAtWork(store, options, contents);
    if (plan.jobs instanceof BatchJobs) plan.jobs.moveTo({ path: store.path, batch: plan.batch });
    options.onRegistered?.();
    const { version, maxMicros = null, agreedMicros = null } = options;
    const runId = beginRun(store, batch, { startedAt: clock.wallMs(), host, version, maxMicros, agreedMicros });
    const journal = new Journal(store, clock, runId, options.onEvent ?? (() => undefined), {
      withoutSecrets: secretRemover(options.keys.map(({ key }) => key)),
      isAbout: ({ key, batchId }) => batchId === batch.id && (options.only?.(key) ?? true),
    });
    importRescueFile(journal, batch.name);
    recover(journal, batch.id);
    const lanes = openLanes(store, plan, options.keys, options.laneHost ?? hostOf(plan));
    // A run that was killed has not said that what stopped them does so no more.
    endOwnStops({ store, clock, batchId: batch.id, lanes });
    const freeWork = new AbortController();
    // Every call in flight listens to them, and hundreds may be in flight.
    for (const signal of [freeWork.signal, options.stop, options.abort]) if (signal) setMaxListeners(0, signal);
    const context = makeContext(options, clock, batch, journal, lanes, where.folder, freeWork.signal);
    return await work({ context, runId, stopFreeWork: () => freeWork.abort() });
  } finally {
    lock.release();
  }
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
  const budget = budgetInForce(plan.budget, options);
  const spenders = () => ({ batchId: batch.id, runId: journal.runId, nowMs: clock.nowMs(), wallMs: clock.wallMs() });
  const onDisk = once(async () => {
    const found = await indexResults(plan.outputDir, plan.emulate, await wholeOutputsBelow(store, plan.outputDir));
    await countPaidBefore(journal, { id: batch.id, folder }, found.results.values());
    journal.transact(() => priceUnknown(store, plan.prices));
    return found;
  });
  return {
    options,
    plan,
    batchId: batch.id,
    folder,
    store,
    journal,
    clock,
    wallWatch: new WallWatch(store, clock),
    accepted: new AcceptedWatch(store),
    random: options.random ?? Math.random,
    lanes,
    laneWaits: new LaneWaits(store, batch.id),
    borrowed: [],
    routes: new Map(options.catalogue.routes.map((route) => [route.id, route])),
    contentIds: new ContentIds(store),
    staged: new Map(),
    twins: new Twins(),
    providersInPlan: new Set(usedProviders(plan)),
    budget,
    spending: {
      noRoom: null,
      purses: budget.caps.length > 0 ? new Purses(store, { budget, prices: plan.prices }, spenders) : null,
      metSaid: new Set(),
      surplusSaid: new Set(),
      bills: billWatch(clock.nowMs()),
      leavesJobs: false,
    },
    ownStops: { budget: new Set(), twin: new Set() },
    foreign: { batches: [], lookedAt: Number.NEGATIVE_INFINITY },
    uploading: { underWay: new Map(), slots: new UploadSlots(), places: new Map(), seen: new Set() },
    resultPlaces: new Map(),
    polling: new Polling(),
    finished: { toReview: [], toFinish: [], notRemade: new Set() },
    delivering: { waiting: [], refused: false },
    resultsOnDisk: async () => (await onDisk()).results,
    whyUnsearched: once(async () => whyUnsearched(store, plan, (await onDisk()).closed)),
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
