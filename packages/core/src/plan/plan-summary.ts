import type { Micros } from '../money/money.js';
import type { Catalogue } from '../provider/route.js';
import { type Forecast, forecastMakespan } from './forecast.js';
import type { Plan, PlannedJob } from './plan.js';

/** Jobs that share a provider, route, language, video or label value. */
export interface PlanTotal {
  readonly name: string;
  readonly jobs: number;
  /** Sum of the known estimates. */
  readonly estimatedMicros: Micros;
  /** Jobs whose price nobody knows; they are not in the sum. */
  readonly unpricedJobs: number;
  /** Jobs in the sum of which only a minimum is known. */
  readonly minimumJobs: number;
}

export interface PlanSummary {
  readonly total: PlanTotal;
  /** Each job counts for the first of its choices. */
  readonly byProvider: readonly PlanTotal[];
  readonly byRoute: readonly PlanTotal[];
  readonly byLanguage: readonly PlanTotal[];
  readonly byVideo: readonly PlanTotal[];
  /** Under `<label>=<value>`. */
  readonly byLabel: readonly PlanTotal[];
  /** Keys of the jobs that no route can make. */
  readonly impossible: readonly string[];
  readonly forecast: Forecast;
}

/** What the jobs come to as far as that is known; `null` where of no job it is. */
export function knownEstimate({ jobs, estimatedMicros, unpricedJobs }: PlanTotal): Micros | null {
  return jobs > 0 && unpricedJobs === jobs ? null : estimatedMicros;
}

/** What a plan comes to, before any money is spent. */
export function planSummary(plan: Plan, catalogue: Catalogue): PlanSummary {
  const possible: PlannedJob[] = [];
  const impossible: string[] = [];
  for (const job of plan.jobs) {
    if (job.choices.length > 0) possible.push(job);
    else impossible.push(job.key);
  }
  return {
    total: totalOf('total', possible),
    byProvider: grouped(possible, (job) => job.choices.slice(0, 1).map((choice) => choice.provider)),
    byRoute: grouped(possible, (job) => job.choices.slice(0, 1).map((choice) => choice.route)),
    byLanguage: grouped(possible, (job) => [job.language]),
    byVideo: grouped(possible, (job) => [job.videoId]),
    byLabel: grouped(possible, (job) => Object.entries(job.labels).map(([label, value]) => `${label}=${value}`)),
    impossible,
    forecast: forecastMakespan(plan, catalogue),
  };
}

function grouped(jobs: readonly PlannedJob[], namesOf: (job: PlannedJob) => readonly string[]): readonly PlanTotal[] {
  const totals = new PlanTotals();
  for (const job of jobs) for (const name of namesOf(job)) totals.add(name, job);
  return totals.all;
}

/** Sums of jobs by a name, in the order in which the names first come up. */
export class PlanTotals {
  readonly #totals = new Map<string, Sum>();

  add(name: string, job: PlannedJob): void {
    const total = this.#totals.get(name) ?? emptyTotal(name);
    if (total.jobs === 0) this.#totals.set(name, total);
    addTo(total, job);
  }

  get all(): readonly PlanTotal[] {
    return [...this.#totals.values()];
  }
}

/** Sum of the first choices of some jobs. */
export function totalOf(name: string, jobs: readonly PlannedJob[]): PlanTotal {
  const total = emptyTotal(name);
  for (const job of jobs) addTo(total, job);
  return total;
}

type Sum = { -readonly [K in keyof PlanTotal]: PlanTotal[K] };

function emptyTotal(name: string): Sum {
  return { name, jobs: 0, estimatedMicros: 0, unpricedJobs: 0, minimumJobs: 0 };
}

function addTo(total: Sum, { choices }: PlannedJob): void {
  const estimate = choices[0]?.estimate;
  total.jobs += 1;
  if (estimate === undefined || estimate.micros === null) total.unpricedJobs += 1;
  else total.estimatedMicros += estimate.micros;
  if (estimate?.certainty === 'floor') total.minimumJobs += 1;
}
