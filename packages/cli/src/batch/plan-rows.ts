import { type Estimate, type JobState, jobsMeant, type Micros, type Plan, type PlannedJob } from '@localize/core';
import type { ForeseenRun, JobStanding, TakenFrom } from '@localize/runner';

export interface PlanRow {
  readonly job: PlannedJob;
  /** Where the job stands in the state. */
  readonly state: JobState;
  readonly route: string | null;
  readonly billedSeconds: number | null;
  readonly micros: Micros | null;
  readonly certainty: Estimate['certainty'];
  /** What it would still buy: nothing when it is done, held or out there already. */
  readonly buys: boolean;
  /** Where a run takes its video from instead of buying; `null`: from nowhere. */
  readonly takes: Takes | null;
  /** A file of it is missing or unusable, and `--keep-going` goes on without it. */
  readonly isLeftOut: boolean;
}

/** What a run takes without buying; `former`: the job's own video of something else than is asked for now, which it keeps. */
export type Takes = TakenFrom | { readonly kind: 'former' };

const FORMER = { kind: 'former' } as const;

/** What becomes of each job of a plan that is selected, as it is come to. */
export function* planRows(
  plan: Plan,
  of: {
    readonly standings: ReadonlyMap<string, JobStanding>;
    readonly foreseen: Pick<ForeseenRun, 'free' | 'former' | 'taken' | 'blocked'>;
    readonly selected: (key: string) => boolean;
    readonly retryFailed?: boolean | undefined;
    readonly remade: ReadonlySet<string>;
  },
): Generator<PlanRow> {
  const { standings, foreseen, selected, retryFailed, remade } = of;
  const kept = new Set(foreseen.former.map(({ key }) => key));
  for (const job of jobsMeant(plan.jobs, selected)) {
    const known = standings.get(job.key);
    const takes = foreseen.free.get(job.key) ?? (kept.has(job.key) ? FORMER : null);
    const isRemade = remade.has(job.key);
    const isKeptOut = foreseen.blocked.has(job.key) || foreseen.taken.has(job.key);
    const isWanted = isRemade || (isToBuy(known, retryFailed) && !isKeptOut);
    yield toRow(job, known?.state ?? 'pending', { madeBy: known?.route ?? null, takes, isRemade, isWanted });
  }
}

/**
 * Whether a run buys a job, as far as the state tells.
 * @param standing `undefined`: the state does not know it
 * @param retryFailed failed ones are bought again
 */
export function isToBuy(standing: JobStanding | undefined, retryFailed = false): boolean {
  if (standing === undefined || standing.isTakenUpAgain) return true;
  const { state } = standing;
  return state === 'pending' || state === 'staging' || (retryFailed && state === 'failed');
}

function toRow(
  job: PlannedJob,
  state: JobState,
  {
    madeBy,
    takes,
    isRemade,
    isWanted,
  }: { madeBy: string | null; takes: Takes | null; isRemade: boolean; isWanted: boolean },
): PlanRow {
  const made = state === 'succeeded' && !isRemade ? job.choices.find(({ route }) => route === madeBy) : undefined;
  const choice = made ?? job.choices[0];
  return {
    job,
    state,
    route: choice?.route ?? null,
    billedSeconds: choice?.estimate.billedSeconds ?? null,
    micros: choice?.estimate.micros ?? null,
    certainty: choice?.estimate.certainty ?? 'unknown',
    buys: choice !== undefined && takes === null && isWanted,
    takes,
    isLeftOut: job.choices.length === 0 && job.ineligible.length === 0,
  };
}
