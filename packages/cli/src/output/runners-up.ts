import type { Micros, RouteId } from '@localize/core';
import type { PlanRow } from './plan-view.js';

/** What choosing a route would cost for the jobs that could go there and do not. */
export interface RunnerUp {
  readonly route: RouteId;
  readonly jobs: number;
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

/** For every route that some job to buy could go to and does not, in the order in which they first come up. */
export function runnersUp(rows: readonly PlanRow[]): RunnerUp[] {
  const routes = new Map<RouteId, { -readonly [K in keyof RunnerUp]: RunnerUp[K] }>();
  for (const { job, buys } of rows) {
    const [chosen, ...others] = buys ? job.choices : [];
    if (chosen === undefined) continue;
    for (const { route, estimate } of others) {
      const sum = routes.get(route) ?? {
        route,
        jobs: 0,
        micros: 0,
        differenceMicros: 0,
        unpricedJobs: 0,
        uncomparedJobs: 0,
        minimumJobs: 0,
      };
      routes.set(route, sum);
      sum.jobs += 1;
      sum.micros += estimate.micros ?? 0;
      if (estimate.micros === null) sum.unpricedJobs += 1;
      if (estimate.micros === null || chosen.estimate.micros === null) sum.uncomparedJobs += 1;
      else sum.differenceMicros += estimate.micros - chosen.estimate.micros;
      if (estimate.certainty === 'floor' || chosen.estimate.certainty === 'floor') sum.minimumJobs += 1;
    }
  }
  return [...routes.values()];
}
