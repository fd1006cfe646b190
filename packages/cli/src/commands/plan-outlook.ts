import type { MoneyWait } from '@localize/core';
import {
  type Asking,
  boughtUnderFormerNames,
  type ChangedJob,
  changedJobs,
  changedUnderWay,
  type ForeseenRun,
  foreseeRemakes,
  formerNameAtWork,
  type JobStanding,
  otherManifest,
  PlanLook,
  type RunWithRemakes,
  readStandings,
  type Store,
} from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { isToBuy } from '../batch/plan-rows.js';

/** The run that is looked ahead to. */
export interface RunAhead {
  /** Whether a job, by its key, is asked for. */
  readonly asked: (key: string) => boolean;
  /** What a saved plan leaves as it is. */
  readonly left?: ReadonlyMap<string, MoneyWait> | undefined;
  /** Failed jobs are bought again. */
  readonly failed: boolean | undefined;
  readonly nowMs: number;
  /** Finished jobs are made again, as far as `remakeOnly` says. */
  readonly remake?: boolean | undefined;
  readonly remakeOnly?: ((key: string) => boolean) | undefined;
  readonly includeApproved?: boolean | undefined;
  /** The user said that the manifest's new place is no other batch. */
  readonly sameBatch?: boolean | undefined;
}

/** What the state knows of a plan's jobs, and what a run would make of that. */
export interface PlanOutlook {
  readonly standings: ReadonlyMap<string, JobStanding>;
  /** Whether a job, by its key, is asked for and not left unbought. */
  readonly selected: (key: string) => boolean;
  /** Those that are left unbought. */
  readonly leftOut: readonly (readonly [key: string, wait: MoneyWait])[];
  /** Whether a job, by its key, is to be bought as far as its state tells, or made again if there is room for it. */
  readonly wanted: (key: string) => boolean;
  readonly changed: readonly ChangedJob[];
  readonly changedUnderWay: readonly ChangedJob[];
  /** What is not finished under a name that the batch had before. */
  readonly formerNames: readonly string[];
  /** Why no run of this manifest may touch the batch, in words; none: one may. */
  readonly refused: readonly string[];
  readonly foreseen: ForeseenRun;
  /** Finished jobs that it makes again: keys. */
  readonly remade: ReadonlySet<string>;
  /** What a run would do that also makes finished jobs again. */
  readonly withRemakes: RunWithRemakes;
}

/**
 * What `plan` tells of a run, without any of it: `agree` looks the same way for a run itself.
 * @param store `null`: nothing was ever run, so nothing is known
 */
export async function readOutlook(
  store: Store | null,
  { manifest, plan }: Pick<LoadedBatch, 'manifest' | 'plan'>,
  run: RunAhead,
): Promise<PlanOutlook> {
  const standings = store === null ? new Map<string, JobStanding>() : readStandings(store, plan);
  const { selected, leftOut, wanted } = choose(standings, run);
  const look = new PlanLook(store, plan);
  const changed = store === null ? [] : await changedJobs(store, plan, look);
  const { remake = false, remakeOnly = () => true, includeApproved, sameBatch, nowMs } = run;
  const manifestPath = manifest.absolute;
  const { plain, withRemakes: foreseeWithRemakes } = await foreseeRemakes(
    store,
    plan,
    {
      ...{ caps: plan.budget.caps, wanted, manifestPath, nowMs },
      ...{ changed, standings, includeApproved, mayRemake: (key) => selected(key) && remakeOnly(key) },
    },
    look,
  );
  const withRemakes = await foreseeWithRemakes();
  const remade = remake ? withRemakes.made : new Set<string>();
  const isMade = ({ key }: ChangedJob) => remade.has(key);
  // What the budget has no room for stays as it is.
  const kept = { ...withRemakes, former: plain.former.filter((job) => !isMade(job)) };
  const asking = { plan, manifestPath, only: wanted, look, sameBatch };
  return {
    standings,
    selected,
    leftOut,
    wanted: (key) => wanted(key) || remade.has(key) || (remake && withRemakes.unmade.has(key)),
    changed: [...changed, ...plain.former.filter(isMade)],
    changedUnderWay: store === null ? [] : await changedUnderWay(store, plan, look),
    formerNames: store === null ? [] : boughtUnderFormerNames(store, plan, manifestPath),
    refused: store === null ? [] : await whyRefused(store, asking),
    foreseen: remake ? kept : plain,
    remade,
    withRemakes,
  };
}

/** What is asked for of a batch, and what of that is to be bought, before anything is made again. */
function choose(
  standings: ReadonlyMap<string, JobStanding>,
  { asked, left = new Map(), failed }: RunAhead,
): Pick<PlanOutlook, 'selected' | 'leftOut' | 'wanted'> {
  const isUnbought = (key: string) => isToBuy(standings.get(key), failed);
  const leftOut = [...left].filter(([key]) => isUnbought(key));
  const leftKeys = new Set(leftOut.map(([key]) => key));
  const selected = (key: string) => asked(key) && !leftKeys.has(key);
  return { selected, leftOut, wanted: (key) => selected(key) && isUnbought(key) };
}

async function whyRefused(
  store: Store,
  { look, sameBatch, ...asking }: Asking & { readonly look: PlanLook; readonly sameBatch: boolean | undefined },
): Promise<string[]> {
  const former = await formerNameAtWork(store, asking, look);
  const elsewhere = sameBatch ? null : otherManifest(store, asking.plan.batch, asking.manifestPath);
  return [former, elsewhere].filter((why) => why !== null);
}
