import {
  type Catalogue,
  type JobState,
  type Micros,
  type Plan,
  type PlannedJob,
  type PlanSummary,
  planSummary,
  type Snapshot,
} from '@localize/core';

export interface PlanRow {
  readonly job: PlannedJob;
  /** Where the job stands in the state. */
  readonly state: JobState;
  readonly route: string | null;
  readonly billedSeconds: number | null;
  readonly micros: Micros | null;
  readonly certainty: 'exact' | 'floor' | 'unknown';
  /** What it would still buy: nothing when it is done, held or out there already. */
  readonly buys: boolean;
}

export interface PlanView {
  readonly plan: Plan;
  readonly rows: readonly PlanRow[];
  /** What a run would buy now. */
  readonly summary: PlanSummary;
  readonly warnings: readonly string[];
}

/** All figures of `localize plan`. */
export function buildPlanView(
  plan: Plan,
  snapshot: Snapshot,
  catalogue: Catalogue,
  selected: (key: string) => boolean,
): PlanView {
  const states = new Map(snapshot.jobs.map((job) => [job.key, job.state]));
  const rows = plan.jobs.filter((job) => selected(job.key)).map((job) => toRow(job, states.get(job.key) ?? 'pending'));
  const jobs = rows.filter((row) => row.buys).map((row) => row.job);
  return {
    plan,
    rows,
    summary: planSummary({ ...plan, jobs }, catalogue),
    warnings: [...plan.warnings, ...assumedLimits(plan)],
  };
}

function toRow(job: PlannedJob, state: JobState): PlanRow {
  const choice = job.choices[0];
  return {
    job,
    state,
    route: choice?.route ?? null,
    billedSeconds: choice?.estimate.billedSeconds ?? null,
    micros: choice?.estimate.micros ?? null,
    certainty: choice?.estimate.certainty ?? 'unknown',
    buys: choice !== undefined && (state === 'pending' || state === 'staging'),
  };
}

function assumedLimits(plan: Plan): string[] {
  return Object.values(plan.providers)
    .filter((settings) => settings.limitsAssumed)
    .map(
      ({ id }) => `the limits of ${id} are assumed: no page states them; set providers.${id}.limits if yours differ`,
    );
}
