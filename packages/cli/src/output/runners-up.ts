import type { Micros, RouteId } from '@localize/core';
import type { PlanRow } from '../batch/plan-rows.js';

/** What choosing a route would cost for the jobs that could go there and do not. */
export interface RunnerUp {
  readonly route: RouteId;
  readonly jobs: number;
  /** At which it was priced for them: what they ask for, else the route's default; empty where it has no such setting. */
  readonly resolutions: readonly string[];
  /** The same of the routes that are chosen for those jobs. */
  readonly chosenResolutions: readonly string[];
  /** Sum of its known prices for them. */
  readonly micros: Micros;
  /** By how much that differs from the routes that are chosen; over the jobs for which both prices are known. */
  readonly differenceMicros: Micros;
  /** Jobs for which its price is not known. */
  readonly unpricedJobs: number;
  /** Jobs for which one of the two prices is not known. */
  readonly uncomparedJobs: number;
  /** Jobs for which only a minimum of one of the two prices is known. */
  readonly minimumJobs: number;
}

type Sum = { -readonly [K in keyof RunnerUp]: RunnerUp[K] };

/** For every route that some job to buy could go to and does not, in the order in which they first come up. */
export function runnersUp(rows: readonly PlanRow[]): RunnerUp[] {
  const routes = new Map<RouteId, Sum>();
  for (const { job, buys } of rows) {
    const [chosen, ...others] = buys ? job.choices : [];
    if (chosen === undefined) continue;
    for (const { route, estimate, input } of others) {
      const sum = routes.get(route) ?? {
        route,
        jobs: 0,
        resolutions: [],
        chosenResolutions: [],
        micros: 0,
        differenceMicros: 0,
        unpricedJobs: 0,
        uncomparedJobs: 0,
        minimumJobs: 0,
      };
      routes.set(route, sum);
      sum.jobs += 1;
      sum.resolutions = withAnother(sum.resolutions, input.resolution);
      sum.chosenResolutions = withAnother(sum.chosenResolutions, chosen.input.resolution);
      sum.micros += estimate.micros ?? 0;
      if (estimate.micros === null) sum.unpricedJobs += 1;
      if (estimate.micros === null || chosen.estimate.micros === null) sum.uncomparedJobs += 1;
      else sum.differenceMicros += estimate.micros - chosen.estimate.micros;
      if (estimate.certainty === 'floor' || chosen.estimate.certainty === 'floor') sum.minimumJobs += 1;
    }
  }
  return [...routes.values()];
}

function withAnother(known: readonly string[], resolution: string | null): readonly string[] {
  return resolution === null || known.includes(resolution) ? known : [...known, resolution];
}
