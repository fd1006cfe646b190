import type { MoneyWait, Plan } from '@localize/core';
import type { JobStanding } from '../store/snapshot/read-standings.js';
import type { Store } from '../store/store.js';
import type { ChangedJob } from './changed-jobs.js';
import { type ForeseenRun, foreseePurchases, type RunToCome, sortOutWanted } from './foresee-run.js';
import { PlanLook } from './plan-look.js';
import { withRemade } from './sort-out.js';

/** What a run would do now, with and without making finished jobs again that are wanted differently. */
export interface ForeseenRemakes {
  /** Of the run that makes nothing again. */
  readonly plain: ForeseenRun;
  /** Keys of the finished jobs that a run makes again where it is told to, as far as the caps have room. */
  readonly remade: ReadonlySet<string>;
  /** Of the run that makes these again too; the same as `plain` where there are none. Looked at when it is asked for. */
  readonly withRemakes: () => Promise<RunWithRemakes>;
}

/** What a run would do that also makes finished jobs again. */
export interface RunWithRemakes extends ForeseenRun {
  /** Keys of those that it makes again. */
  readonly made: ReadonlySet<string>;
  /** The others, by key: the caps have no room for them, and they stay as they are. */
  readonly unmade: ReadonlyMap<string, MoneyWait>;
  /** Jobs without a video that wait for money then, and would be bought if nothing were made again. */
  readonly displaced: number;
}

/** Which finished jobs may be made again. */
interface Remakes {
  /** Those of the state that are wanted differently now, as `changedJobs` tells them. */
  readonly changed: readonly ChangedJob[];
  /** Where these stand, by key. */
  readonly standings: ReadonlyMap<string, JobStanding>;
  /** Whether one, by its key, is asked for. */
  readonly mayRemake: (key: string) => boolean;
  /** Also what a reviewer approved. */
  readonly includeApproved?: boolean | undefined;
}

/**
 * Finds out what a run would buy, and which finished jobs it would make again where it is told to. Plan, question and run
 * all go by this, so that each carries out what the one before it has said. Reads only.
 * @param store `null`: there is no state yet.
 */
export async function foreseeRemakes(
  store: Store | null,
  plan: Plan,
  run: RunToCome & Remakes,
  look = new PlanLook(store, plan),
): Promise<ForeseenRemakes> {
  const sorted = await sortOutWanted(store, plan, run, look);
  const plain = await foreseePurchases(store, plan, run, sorted, look);
  const remade = remadeJobs([...run.changed, ...plain.former], run);
  return {
    plain,
    remade,
    withRemakes: async () => {
      if (remade.size === 0) return { ...plain, made: remade, unmade: new Map(), displaced: 0 };
      const all = await withRemade(store, plan, sorted, remade, look);
      const again = await foreseePurchases(store, plan, run, all, look);
      const unmade = unmadeOf(remade, again);
      const made = new Set([...remade].filter((key) => !unmade.has(key)));
      return { ...again, made, unmade, displaced: displacedBy(again, plain, remade) };
    },
  };
}

/** What was paid for before is taken back for free, and what a reviewer approved is left alone unless it is named too. */
function remadeJobs(
  changed: readonly ChangedJob[],
  { standings, mayRemake, includeApproved = false }: Remakes,
): ReadonlySet<string> {
  const remade = changed.filter(({ key, isPaidFor }) => {
    const approved = standings.get(key)?.approved ?? false;
    return mayRemake(key) && !isPaidFor && (includeApproved || !approved);
  });
  return new Set(remade.map(({ key }) => key));
}

/** Those that wait for money, and those that would take what is bought for one that does. */
function unmadeOf(remade: ReadonlySet<string>, { waiting, served }: ForeseenRun): Map<string, MoneyWait> {
  const waits = [...remade].map((key) => [key, waiting.get(served.get(key) ?? key)] as const);
  return new Map(waits.flatMap(([key, wait]) => (wait === undefined ? [] : [[key, wait] as const])));
}

function displacedBy(again: ForeseenRun, plain: ForeseenRun, remade: ReadonlySet<string>): number {
  return [...again.waiting.keys()].filter((key) => !remade.has(key) && !plain.waiting.has(key)).length;
}
