import type { Plan, PlannedJob, RouteId, Snapshot } from '@localize/core';
import { changedJobs, foreseeRemakes, type PlanLook, readStandings, type Store, whyClosed } from '@localize/runner';
import { isToBuy } from '../batch/plan-rows.js';
import { type SavedPlan, waitsIn } from './saved-plan.js';

/** The batch as it is when a saved plan is to be carried out. */
export interface PlanNow {
  readonly plan: Plan;
  readonly before: Snapshot;
  readonly selected: (key: string) => boolean;
  readonly store: Store | null;
  readonly manifestPath: string;
}

/** What a plan of the same jobs would say if it were made now. */
export interface PlanMadeNow {
  /** Its jobs by key, at the prices to be expected; the first choice of one that is bought is the one it is bought on. */
  readonly jobs: ReadonlyMap<string, PlannedJob>;
  /** Whether a job, by its key, has no video yet, nor one on the way. */
  readonly isUnbought: (key: string) => boolean;
  /** Whether a finished job, by its key, is made again. */
  readonly isRemade: (key: string) => boolean;
  /** Whether nothing is bought for a job, by its key, although it has no video yet. */
  readonly isFree: (key: string) => boolean;
  /** Whether the saved plan leaves a job, by its key, for want of money. */
  readonly isLeft: (key: string) => boolean;
  /** Whether the budget has no room for a job, by its key, on any route. */
  readonly waits: (key: string) => boolean;
  /** Why no route takes a job, by its key, whatever room there is; `null`: one does, or may. */
  readonly whyBlocked: (key: string) => string | null;
  /** Which bill has closed a route under the budget; `null`: none has. */
  readonly whyClosed: (route: RouteId) => string | null;
}

/** Narrowed by caps and closed routes as `plan --out` narrows it. What waits for money in the saved plan takes up no room. */
export async function planMadeNow(
  saved: SavedPlan,
  { plan, before, selected, store, manifestPath }: PlanNow,
  look: PlanLook,
): Promise<PlanMadeNow> {
  const standings = store === null ? new Map() : readStandings(store, plan);
  const isUnbought = (key: string) => isToBuy(standings.get(key), saved.selection.failed);
  const left = waitsIn(saved);
  const again = new Set(saved.jobs.flatMap(({ key, remake }) => (remake ? [key] : [])));
  const ahead = await foreseeRemakes(
    store,
    plan,
    {
      caps: plan.budget.caps,
      wanted: (key) => selected(key) && isUnbought(key) && !left.has(key),
      manifestPath,
      nowMs: before.takenAtMs,
      changed: store === null || again.size === 0 ? [] : await changedJobs(store, plan, look),
      standings,
      mayRemake: (key) => selected(key) && again.has(key),
      includeApproved: saved.include_approved,
    },
    look,
  );
  const { plain } = ahead;
  const foreseen = await ahead.withRemakes();
  const kept = new Set(plain.former.flatMap(({ key }) => (foreseen.made.has(key) ? [] : [key])));
  return {
    jobs: new Map([...foreseen.plan.jobs].filter(({ key }) => selected(key)).map((job) => [job.key, job])),
    isUnbought,
    isRemade: (key) => foreseen.made.has(key),
    isFree: (key) => foreseen.free.has(key) || kept.has(key),
    isLeft: (key) => left.has(key),
    waits: (key) => foreseen.waiting.has(key),
    whyBlocked: (key) => foreseen.blocked.get(key) ?? null,
    whyClosed: (route) =>
      store === null || plan.budget.caps.length === 0 ? null : whyClosed(store, route, plan.prices),
  };
}
