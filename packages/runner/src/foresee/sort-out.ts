import type { Plan, PlannedJob } from '@localize/core';
import type { ChangedJob } from '../changed-jobs.js';
import { ifReadable } from '../content/if-readable.js';
import type { Store } from '../store/store.js';
import { FreeResults, type TakenFrom } from './free-results.js';
import type { PlanLook } from './plan-look.js';

/** Jobs that a run is to bring to a video, by whether it has to buy. */
export interface SortedOut {
  readonly free: ReadonlyMap<string, TakenFrom>;
  /** Whose own video of something else lies at their place. */
  readonly former: readonly ChangedJob[];
  /** As far as they are not twins of each other. */
  readonly toBuy: readonly PlannedJob[];
}

/** @param keepsFormer a job whose own video of something else is there is left at that */
export async function sortOut(
  store: Store | null,
  plan: Plan,
  jobs: readonly PlannedJob[],
  look: PlanLook,
  { keepsFormer }: { keepsFormer: boolean },
): Promise<SortedOut> {
  const free = new Map<string, TakenFrom>();
  const former: ChangedJob[] = [];
  const toBuy: PlannedJob[] = [];
  if (jobs.length === 0) return { free, former, toBuy };
  const results = new FreeResults(store, plan, await look.loose(), look);
  if (results.areNone) return { free, former, toBuy: jobs };
  for (const job of jobs) {
    const found = await ifReadable(results.of(job));
    const own = found === null && keepsFormer ? await ifReadable(results.formerOf(job)) : null;
    if (found !== null) free.set(job.key, found);
    else if (own !== null) former.push(own);
    else toBuy.push(job);
  }
  return { free, former, toBuy };
}

/**
 * What was sorted out for a run that makes nothing again, with the finished jobs that it makes again too.
 * @param remade keys of all that are made again
 */
export async function withRemade(
  store: Store | null,
  plan: Plan,
  { free, former, toBuy }: SortedOut,
  remade: ReadonlySet<string>,
  look: PlanLook,
): Promise<SortedOut> {
  const jobs = [...plan.jobs];
  const known = new Set([...toBuy.map(({ key }) => key), ...free.keys()]);
  const besides = jobs.filter(({ key }) => remade.has(key) && !known.has(key));
  const more = await sortOut(store, plan, besides, look, { keepsFormer: false });
  const bought = new Set([...toBuy, ...more.toBuy].map(({ key }) => key));
  return {
    free: new Map([...free, ...more.free]),
    former: former.filter(({ key }) => !remade.has(key)),
    // In the plan's order, since of jobs that are made of the very same the first is bought.
    toBuy: jobs.filter(({ key }) => bought.has(key)),
  };
}
