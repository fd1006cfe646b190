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

/** What a plan comes to, before any money is spent. */
export function planSummary(plan: Plan, catalogue: Catalogue): PlanSummary {
  const possible = plan.jobs.filter((job) => job.choices.length > 0);
  return {
    total: totalOf('total', possible),
    byProvider: grouped(possible, (job) => job.choices.slice(0, 1).map((choice) => choice.provider)),
    byRoute: grouped(possible, (job) => job.choices.slice(0, 1).map((choice) => choice.route)),
    byLanguage: grouped(possible, (job) => [job.language]),
    byVideo: grouped(possible, (job) => [job.videoId]),
    byLabel: grouped(possible, (job) => Object.entries(job.labels).map(([label, value]) => `${label}=${value}`)),
    impossible: plan.jobs.filter((job) => job.choices.length === 0).map((job) => job.key),
    forecast: forecastMakespan(plan, catalogue),
  };
}

/** In the order in which the names first come up. */
function grouped(jobs: readonly PlannedJob[], namesOf: (job: PlannedJob) => readonly string[]): PlanTotal[] {
  const groups = new Map<string, PlannedJob[]>();
  for (const job of jobs) {
    for (const name of namesOf(job)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [job]);
      else group.push(job);
    }
  }
  return [...groups].map(([name, members]) => totalOf(name, members));
}

function totalOf(name: string, jobs: readonly PlannedJob[]): PlanTotal {
  let [estimatedMicros, unpricedJobs, minimumJobs] = [0, 0, 0];
  for (const job of jobs) {
    const estimate = job.choices[0]?.estimate;
    if (estimate === undefined || estimate.micros === null) unpricedJobs += 1;
    else estimatedMicros += estimate.micros;
    if (estimate?.certainty === 'floor') minimumJobs += 1;
  }
  return { name, jobs: jobs.length, estimatedMicros, unpricedJobs, minimumJobs };
}
