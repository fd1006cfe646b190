import type { BudgetCap, Plan, PlannedJob } from '@localize/core';
import type { ChangedJob } from '../changed-jobs.js';
import { ContentClues } from '../content/content-clues.js';
import { ContentIds } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';
import type { PaidBefore } from '../store/paid-before.js';
import { type PlacedJobs, placeJobs } from '../store/place-jobs.js';
import type { Store } from '../store/store.js';
import { foreseenTwins } from './foreseen-twins.js';
import { formerJobs, paidAsFormer } from './former-jobs.js';
import { FreeResults, type TakenFrom } from './free-results.js';
import { looseResults, NO_RESULTS } from './loose-results.js';
import { paidBefore } from './paid-before.js';

/** What a run would do with a plan now. */
export interface ForeseenRun extends PlacedJobs {
  /** Jobs that nothing is bought for, by key. */
  readonly free: ReadonlyMap<string, TakenFrom>;
  /** Jobs whose own video of something else than is asked for now is there, and that the state has lost: re-makes. */
  readonly former: readonly ChangedJob[];
  /** What the run will count as spent before it buys, and the state does not count yet. */
  readonly paidBefore: readonly PaidBefore[];
}

const NONE: ReadonlySet<string> = new Set();
const NOT_RENAMED = { paid: [], note: null };

/**
 * Finds out what a run would buy, on which routes, and what it would take without buying: results of lost states and of
 * other batches, paid predictions whose videos are gone, and the one result of jobs that are made of the very same. Reads
 * only; what it cannot read the run says.
 * @param store `null`: there is no state yet.
 * @param run.wanted whether a job, by its key, is to be bought as far as its state tells
 * @param run.remade keys of finished jobs that are made again besides
 * @param run.manifestPath tells which batches are this one under another name
 */
export async function foreseeRun(
  store: Store | null,
  plan: Plan,
  run: {
    readonly caps: readonly BudgetCap[];
    readonly wanted: (key: string) => boolean;
    readonly remade?: ReadonlySet<string> | undefined;
    readonly manifestPath?: string | undefined;
    readonly nowMs: number;
  },
): Promise<ForeseenRun> {
  const { caps, wanted, remade = NONE, nowMs, manifestPath } = run;
  const waiting = [...plan.jobs].filter(({ key }) => wanted(key) || remade.has(key));
  const loose = waiting.length === 0 ? NO_RESULTS : await looseResults(store, plan);
  const clues = new ContentClues(store);
  const ids = new ContentIds(store);
  const {
    free,
    former: changed,
    toBuy,
  } = await sortOut(waiting, new FreeResults(store, plan, loose, { clues, ids }), remade);
  const hasLifelongCap = caps.some(({ period }) => period === 'batch');
  const renamed =
    store && manifestPath && hasLifelongCap ? await formerJobs(store, plan, manifestPath, { clues, ids }) : [];
  const former = store === null ? NOT_RENAMED : paidAsFormer(store, renamed);
  const before = [...paidBefore(store, plan, loose, nowMs), ...former.paid];
  const bought = new Set(toBuy.map(({ key }) => key));
  const place = () => placeJobs(store, plan, { caps, wanted: (key) => bought.has(key), nowMs, paidBefore: before });
  const twins = await foreseenTwins(toBuy, clues, ids);
  for (const key of twins.keys()) bought.delete(key);
  const first = place();
  // What waits for money is no result to be taken: its twins wait for the same.
  const short = [...twins].filter(([, of]) => first.waiting.has(of));
  for (const [key] of short) {
    twins.delete(key);
    bought.add(key);
  }
  for (const [key, of] of twins) free.set(key, { kind: 'twin', of });
  const placed = short.length === 0 ? first : place();
  const notes = former.note === null ? placed.notes : [...placed.notes, former.note];
  return { ...placed, notes, free, former: changed, paidBefore: before };
}

interface SortedOut {
  readonly free: Map<string, TakenFrom>;
  readonly former: readonly ChangedJob[];
  /** As far as they are not twins of each other. */
  readonly toBuy: readonly PlannedJob[];
}

async function sortOut(
  jobs: readonly PlannedJob[],
  results: FreeResults,
  remade: ReadonlySet<string>,
): Promise<SortedOut> {
  const free = new Map<string, TakenFrom>();
  const former: ChangedJob[] = [];
  const toBuy: PlannedJob[] = [];
  for (const job of jobs) {
    const found = await ifReadable(results.of(job));
    const own = found === null && !remade.has(job.key) ? await ifReadable(results.formerOf(job)) : null;
    if (found !== null) free.set(job.key, found);
    else if (own !== null) former.push(own);
    else toBuy.push(job);
  }
  return { free, former, toBuy };
}
