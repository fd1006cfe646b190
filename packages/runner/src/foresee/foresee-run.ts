import { type BudgetCap, jobsMeant, type Plan } from '@localize/core';
import type { FormerSpending } from '../store/former/former-jobs.js';
import type { CapCorrection } from '../store/money/cap-corrections.js';
import { withBills } from '../store/money/seen-prices.js';
import { type AssignedJobs, assignRoutes, servedUnderCaps } from '../store/placement/assign-routes.js';
import { editedCounts, type UnpricedAttempt, unpricedAttempts } from '../store/snapshot/edited-counts.js';
import type { Store } from '../store/store.js';
import { boughtAgainWords } from './bought-again.js';
import type { ChangedJob } from './changed-jobs.js';
import { formerJobs, paidAsFormer, uncountedWords } from './find-former-jobs.js';
import { foreseenTwins } from './foreseen-twins.js';
import type { TakenFrom } from './free-results.js';
import { NO_RESULTS } from './loose-results.js';
import { PlanLook } from './plan-look.js';
import { areNone, type SortedOut, sortOut } from './sort-out.js';
import { billsBefore, correctionsOf, uncountedResults, unpricedResults } from './uncounted-results.js';

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
  { caps, nowMs, manifestPath }: RunToCome,
  sorted: SortedOut,
  look: PlanLook,
): Promise<ForeseenRun> {
  const free = new Map(sorted.free);
  const hasLifelongCap = caps.some(({ period }) => period === 'batch');
  const renamed = store && manifestPath && hasLifelongCap ? await formerJobs(store, plan, manifestPath, look) : [];
  const former = store === null ? NOT_RENAMED : paidAsFormer(store, plan.batch, renamed);
  const loose = sorted.isNothing ? NO_RESULTS : await look.loose();
  const edited = store === null ? [] : editedCounts(store, plan, caps, former.renamed);
  const uncounted = uncountedResults(store, plan, { loose, free }, nowMs);
  const before = [...correctionsOf(plan, uncounted, nowMs), ...former.paid, ...edited];
  const priced = withBills(plan, store, billsBefore(uncounted, nowMs));
  const toBuy = jobsMeant(plan.jobs, sorted.buys);
  const twins = await foreseenTwins(toBuy, look.clues, look.ids);
  const run = { caps, nowMs, corrections: before };
  const served = servedUnderCaps(store, priced, { ...run, wanted: sorted.buys, twins });
  const placed = assignRoutes(store, priced, { ...run, wanted: (key) => sorted.buys(key) && !served.has(key) });
  for (const [key, of] of served) free.set(key, { kind: 'twin', of });
  const anew = store && manifestPath && !areNone(toBuy) ? uncountedWords(store, plan, manifestPath, renamed) : [];
  const isBought = (key: string) => sorted.buys(key) && !served.has(key) && !placed.waiting.has(key);
  const meant = { plan, toBuy: jobsMeant(plan.jobs, isBought), manifestPath: manifestPath ?? '' };
  const boughtAgain = store && manifestPath ? await boughtAgainWords(store, meant, look) : null;
  const told = [former.note, boughtAgain].filter((note) => note !== null);
  const notes = [...placed.notes, ...told, ...anew];
  const unpriced = [
    ...(store === null ? [] : unpricedAttempts(store, plan, caps, { nowMs, renamed: former.renamed })),
    ...unpricedResults(plan, uncounted, caps, nowMs),
  ];
  const { taken } = sorted;
  const beside = [...sorted.free].flatMap(([key, from]) =>
    from.kind === 'twin' && from.isBeside ? [[key, from.of] as const] : [],
  );
  return {
    ...placed,
    notes,
    free,
    served: new Map([...served, ...beside]),
    former: sorted.former,
    taken,
    corrections: before,
    unpriced,
    boughtAgain,
  };
}
