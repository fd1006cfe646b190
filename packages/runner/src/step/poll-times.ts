import { jobOf, type RunContext, routeOf } from '../run-context.js';
import type { AttemptRow } from '../store/store.js';

/** Never poll a route more often than this, whatever a manifest says. */
const LEAST_MS = 100;

/** How long after acceptance the first poll is worth its request: most of the route's usual time. */
export function firstPollDelay(context: RunContext, attempt: AttemptRow): number {
  const route = routeOf(context, attempt.route);
  const set = context.plan.providers[route.provider]?.poll.firstMs;
  if (set !== null && set !== undefined) return Math.max(LEAST_MS, set);
  const seconds = (jobOf(context, attempt).planned.durationMs ?? 10_000) / 1000;
  const usual = route.usual.fixedSeconds + route.usual.secondsPerSecond * seconds;
  return Math.max(LEAST_MS, Math.round(Math.max(pollInterval(context, attempt), usual * 700)));
}

export function pollInterval(context: RunContext, attempt: AttemptRow): number {
  const route = routeOf(context, attempt.route);
  return Math.max(LEAST_MS, context.plan.providers[route.provider]?.poll.everyMs ?? route.poll.everyMs);
}
