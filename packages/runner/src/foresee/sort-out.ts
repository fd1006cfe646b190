import { existsSync } from 'node:fs';
import { jobsMeant, type Plan, type PlannedJob } from '@localize/core';
import { ifReadable } from '../content/if-readable.js';
import { batchFolder, outputPath } from '../output/output-paths.js';
import { whyNotRemade, whyTaken } from '../output/output-place.js';
import type { StandingVideo } from '../store/schema/stored-types.js';
import { standingVideos } from '../store/standing.js';
import type { Store } from '../store/store.js';
import { whyUnsearched } from '../take-up/unsearched.js';
import type { ChangedJob } from './changed-jobs.js';
import { FreeResults, type TakenFrom } from './free-results.js';
import type { PlanLook } from './plan-look.js';

/** Jobs that a run is to bring to a video, by whether it has to buy. Those that it has to are most, and are not listed. */
export interface SortedOut {
  readonly free: ReadonlyMap<string, TakenFrom>;
  /** Whose own video of something else lies at their place. */
  readonly former: readonly ChangedJob[];
  /** Jobs that are not bought since something else is where their video belongs, by key: what. */
  readonly taken: ReadonlyMap<string, string>;
  /** Whether a job, by its key, is to be bought as far as it is no twin of another. */
  readonly buys: (key: string) => boolean;
  /** There is no job to bring to a video. */
  readonly isNothing: boolean;
}

/**
 * @param wanted the jobs that it is about, by their keys
 * @param keepsFormer a job whose own video of something else is there is left at that; else it is made again
 */
export async function sortOut(
  store: Store | null,
  plan: Plan,
  wanted: (key: string) => boolean,
  look: PlanLook,
  { keepsFormer }: { keepsFormer: boolean },
): Promise<SortedOut> {
  const jobs = jobsMeant(plan.jobs, wanted);
  const free = new Map<string, TakenFrom>();
  const former = new Map<string, ChangedJob>();
  const taken = new Map<string, string>();
  if (areNone(jobs)) return { free, former: [], taken, buys: () => false, isNothing: true };
  const loose = await look.loose();
  const results = new FreeResults(store, plan, loose, look);
  const unsearched = whyUnsearched(store, plan, loose.closed);
  const folder = batchFolder(plan);
  // What is made again takes the place of its own video.
  const mayBeTaken = keepsFormer && existsSync(folder);
  if (results.areNone && !mayBeTaken && unsearched === null)
    return { free, former: [], taken, buys: wanted, isNothing: false };
  const standing = mayBeTaken ? standingVideos(store, plan.batch) : new Map<string, StandingVideo>();
  for (const job of jobs) {
    const place = outputPath(folder, job.output);
    const replaced = whyNotRemade(standing.get(job.key) ?? null, place);
    if (replaced !== null) {
      taken.set(job.key, replaced);
      continue;
    }
    const found = await ifReadable(results.of(job));
    const own = found === null && keepsFormer ? await ifReadable(results.formerOf(job)) : null;
    if (found !== null) free.set(job.key, found);
    else if (own !== null) former.set(job.key, own);
    else if (mayBeTaken || unsearched !== null) {
      const why = (mayBeTaken ? await whyTaken(folder, place) : null) ?? unsearched;
      if (why !== null) taken.set(job.key, why);
    }
  }
  const buys = (key: string) => wanted(key) && !free.has(key) && !former.has(key) && !taken.has(key);
  return { free, former: [...former.values()], taken, buys, isNothing: false };
}

/**
 * What was sorted out for a run that makes nothing again, with the finished jobs that it makes again too.
 * @param remade keys of all that are made again
 */
export async function withRemade(
  store: Store | null,
  plan: Plan,
  { free, former, taken, buys, isNothing }: SortedOut,
  remade: ReadonlySet<string>,
  look: PlanLook,
): Promise<SortedOut> {
  const besides = (key: string) => remade.has(key) && !buys(key) && !free.has(key);
  const more = await sortOut(store, plan, besides, look, { keepsFormer: false });
  return {
    free: new Map([...free, ...more.free]),
    former: former.filter(({ key }) => !remade.has(key)),
    taken,
    buys: (key) => buys(key) || more.buys(key),
    isNothing: isNothing && more.isNothing,
  };
}

/** Whether there is no job among them. */
export function areNone(jobs: Iterable<PlannedJob>): boolean {
  for (const _ of jobs) return false;
  return true;
}
