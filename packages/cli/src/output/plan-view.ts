import { type JobState, type Micros, type Plan, type PlannedJob, type Snapshot, sumMicros } from '@localize/core';

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

export interface Sum {
  readonly name: string;
  readonly jobs: number;
  readonly known: Micros;
  /** Jobs whose price nobody knows. */
  readonly unknown: number;
  /** The price of some job is only a floor. */
  readonly floor: boolean;
}

export interface PlanView {
  readonly plan: Plan;
  readonly rows: readonly PlanRow[];
  /** What a run would buy now. */
  readonly total: Sum;
  readonly byProvider: readonly Sum[];
  readonly byLanguage: readonly Sum[];
  readonly forecastMs: number;
  readonly warnings: readonly string[];
}

/** All figures of `localize plan`. */
export function buildPlanView(
  plan: Plan,
  snapshot: Snapshot,
  selected: (key: string) => boolean,
  forecast: (jobs: readonly PlannedJob[]) => number,
): PlanView {
  const states = new Map(snapshot.jobs.map((job) => [job.key, job.state]));
  const rows = plan.jobs.filter((job) => selected(job.key)).map((job) => toRow(job, states.get(job.key) ?? 'pending'));
  const buying = rows.filter((row) => row.buys);
  return {
    plan,
    rows,
    total: sumOf('total', buying),
    byProvider: groupBy(buying, (row) => row.route?.split('/')[0] ?? 'no route'),
    byLanguage: groupBy(buying, (row) => row.job.language),
    forecastMs: forecast(buying.map((row) => row.job)),
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
    buys: state === 'pending' || state === 'staging',
  };
}

function groupBy(rows: readonly PlanRow[], nameOf: (row: PlanRow) => string): Sum[] {
  const groups = new Map<string, PlanRow[]>();
  for (const row of rows) groups.set(nameOf(row), [...(groups.get(nameOf(row)) ?? []), row]);
  return [...groups].map(([name, group]) => sumOf(name, group));
}

function sumOf(name: string, rows: readonly PlanRow[]): Sum {
  const { known, unknown } = sumMicros(rows.map((row) => row.micros));
  return { name, jobs: rows.length, known, unknown, floor: rows.some((row) => row.certainty === 'floor') };
}

function assumedLimits(plan: Plan): string[] {
  return Object.values(plan.providers)
    .filter((settings) => settings.limitsAssumed)
    .map(
      ({ id }) => `the limits of ${id} are assumed: no page states them; set providers.${id}.limits if yours differ`,
    );
}
