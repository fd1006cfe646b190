import { type BudgetCap, jobsMeant, type Plan } from '@localize/core';
import type { FormerSpending } from '../store/former/former-jobs.js';
import type { CapCorrection } from '../store/money/cap-corrections.js';
import { withBills } from '../store/money/seen-prices.js';
import { type AssignedJobs, assignRoutes, servedUnderCaps } from '../store/placement/assign-routes.js';
import { editedCounts, type UnpricedAttempt, unpricedAttempts } from '../store/snapshot/edited-counts.js';
import type { Store } from '../store/store.js';
import { boughtAgainWords } from './bought-again.js';
import type { ChangedJob } from './changed-jobs.js';
import { type FormerJob, formerJobs, paidAsFormer, uncountedWords } from './find-former-jobs.js';
import { foreseenTwins } from './foreseen-twins.js';
import type { TakenFrom } from './free-results.js';
import { NO_RESULTS } from './loose-results.js';
import { PlanLook } from './plan-look.js';
import { areNone, type SortedOut, sortOut } from './sort-out.js';
import { billsBefore, correctionsOf, type Uncounted, uncountedResults, unpricedResults } from './uncounted-results.js';

/** What a run would do with a plan now. */
export interface ForeseenRun extends AssignedJobs {
  /** Jobs that nothing is bought for, by key. */
  readonly free: ReadonlyMap<string, TakenFrom>;
  /** Those of them that take what is bought for another job of the batch: by the key of each the key of that one. */
  readonly served: ReadonlyMap<string, string>;
  /** Jobs whose own video of something else than is asked for now is there, and that the state has lost: re-makes. */
  readonly former: readonly ChangedJob[];
  /** Jobs that are held, not bought, since something else is where their video belongs, by key: what. */
  readonly taken: ReadonlyMap<string, string>;
  /** What the run will count as spent before it buys, and the state does not count yet. */
  readonly corrections: readonly CapCorrection[];
  /** What was bought before and has no known amount, as far as a cap counts it: nothing may be bought under that cap. */
  readonly unpriced: readonly UnpricedAttempt[];
  /** Which jobs were paid for under another name without a usable video, in words, also in the notes; `null`: none. */
  readonly boughtAgain: string | null;
}

/** What is known of a run before it begins. */
export interface RunToCome {
  readonly caps: readonly BudgetCap[];
  /** Whether a job, by its key, is to be bought as far as its state tells. */
  readonly wanted: (key: string) => boolean;
  /** Tells which batches are this one under another name. */
  readonly manifestPath?: string | undefined;
  readonly nowMs: number;
}

interface CountedBefore {
  /** Jobs that were bought for under another name of the batch. */
  readonly found: readonly FormerJob[];
  readonly renamed: FormerSpending['renamed'];
  readonly uncounted: readonly Uncounted[];
  readonly corrections: readonly CapCorrection[];
  /** What was paid under another name, in words; `null`: nothing. */
  readonly note: string | null;
}

const NOT_RENAMED: FormerSpending = { paid: [], renamed: new Map(), note: null };

/**
 * Finds out what a run would buy, on which routes, and what it would take without buying: results of lost states and of
 * other batches, paid predictions whose videos are gone, and the one result of jobs that are made of the very same. Reads
 * only; what it cannot read the run says.
 * @param store `null`: there is no state yet.
 */
export async function foreseeRun(
  store: Store | null,
  plan: Plan,
  run: RunToCome,
  look = new PlanLook(store, plan),
): Promise<ForeseenRun> {
  return foreseePurchases(store, plan, run, await sortOutWanted(store, plan, run, look), look);
}

/** The jobs that a run is to bring to a video as far as their states tell. */
export function sortOutWanted(
  store: Store | null,
  plan: Plan,
  { wanted }: RunToCome,
  look: PlanLook,
): Promise<SortedOut> {
  return sortOut(store, plan, wanted, look, { keepsFormer: true });
}

/** Finds out on which routes a run would buy what is left to buy, as far as the caps have room for it. */
export async function foreseePurchases(
  store: Store | null,
  plan: Plan,
  run: RunToCome,
  sorted: SortedOut,
  look: PlanLook,
): Promise<ForeseenRun> {
  const { caps, nowMs, manifestPath } = run;
  const { buys, former, taken } = sorted;
  const { found, renamed, uncounted, corrections, note } = await countedBefore(store, plan, run, sorted, look);
  const priced = withBills(plan, store, billsBefore(uncounted, nowMs));
  const toBuy = jobsMeant(plan.jobs, buys);
  const twins = await foreseenTwins(toBuy, look.clues, look.ids);
  const under = { caps, nowMs, corrections };
  const served = servedUnderCaps(store, priced, { ...under, wanted: buys, twins });
  const placed = assignRoutes(store, priced, { ...under, wanted: (key) => buys(key) && !served.has(key) });
  const isBought = (key: string) => buys(key) && !served.has(key) && !placed.waiting.has(key);
  const isPathKnown = store !== null && manifestPath !== undefined;
  const meant = { plan, toBuy: jobsMeant(plan.jobs, isBought), manifestPath: manifestPath ?? '' };
  const boughtAgain = isPathKnown ? await boughtAgainWords(store, meant, look) : null;
  const anew = isPathKnown && !areNone(toBuy) ? uncountedWords(store, plan, manifestPath, found) : [];
  const free = new Map(sorted.free);
  for (const [key, of] of served) free.set(key, { kind: 'twin', of });
  return {
    ...placed,
    notes: [...placed.notes, ...[note, boughtAgain].filter((each) => each !== null), ...anew],
    free,
    served: new Map([...served, ...servedBeside(sorted)]),
    former,
    taken,
    corrections,
    unpriced: [
      ...(store === null ? [] : unpricedAttempts(store, plan, caps, { nowMs, renamed })),
      ...unpricedResults(plan, uncounted, caps, nowMs),
    ],
    boughtAgain,
  };
}

/** What the run counts as spent before it buys, beside what the state counts: of lost states, former names and edits. */
async function countedBefore(
  store: Store | null,
  plan: Plan,
  { caps, nowMs, manifestPath }: RunToCome,
  { isNothing, free }: SortedOut,
  look: PlanLook,
): Promise<CountedBefore> {
  const hasLifelongCap = caps.some(({ period }) => period === 'batch');
  const found = store && manifestPath && hasLifelongCap ? await formerJobs(store, plan, manifestPath, look) : [];
  const { paid, renamed, note } = store === null ? NOT_RENAMED : paidAsFormer(store, plan.batch, found);
  const loose = isNothing ? NO_RESULTS : await look.loose();
  const edited = store === null ? [] : editedCounts(store, plan, caps, renamed);
  const uncounted = uncountedResults(store, plan, { loose, free }, nowMs);
  return {
    found,
    renamed,
    uncounted,
    corrections: [...correctionsOf(plan, uncounted, nowMs), ...paid, ...edited],
    note,
  };
}

/** Jobs that take what was bought for another one on a further route. */
function servedBeside({ free }: SortedOut): [string, string][] {
  return [...free].flatMap(([key, from]): [string, string][] =>
    from.kind === 'twin' && from.isBeside ? [[key, from.of]] : [],
  );
}
