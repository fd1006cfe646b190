import type { RouteId } from '@localize/core';
import type { PlanRow } from '../batch/plan-rows.js';

/** A route that some jobs to buy name, and that cannot make them. */
export interface PassedOver {
  readonly route: RouteId;
  readonly reason: string;
  readonly jobs: number;
}

/** Each route that is passed over with each reason for it, in the order in which they first come up. */
export function passedOver(rows: readonly PlanRow[]): PassedOver[] {
  const found = new Map<string, { route: RouteId; reason: string; jobs: number }>();
  for (const { job, buys } of rows) {
    for (const { route, reason } of buys ? job.ineligible : []) {
      const known = found.get(`${route} ${reason}`) ?? { route, reason, jobs: 0 };
      known.jobs += 1;
      found.set(`${route} ${reason}`, known);
    }
  }
  return [...found.values()];
}
