import { ENOUGH_SEEN, LEAST_POLL_MS, pollDelayMs, type RouteId, usualMs } from '@localize/core';
import { isOwn, jobOf, type RunContext, routeOf } from '../run-context.js';
import { attemptById } from '../store/backlog.js';
import type { AttemptRow, JobRow } from '../store/store.js';

/** How long after acceptance the first poll is worth its request. */
export function firstPollDelay(context: RunContext, attempt: AttemptRow, job: JobRow): number {
  const expected = expectedOf(context, attempt, job);
  context.polling.watch(attempt.id, attempt.route, expected);
  return delay(context, attempt, { ageMs: 0, polls: 0, ...expected });
}

/** How long after a poll that saw the prediction open the next one is worth its request. */
export function nextPollDelay(context: RunContext, attempt: AttemptRow): number {
  const ageMs = ageOf(context, attempt);
  const { polling } = context;
  const watched = polling.expectedOf(attempt.id);
  const expected = watched ?? expectedOf(context, attempt, jobOf(context, attempt));
  if (watched) polling.sawOpen(attempt.id, ageMs);
  else if (isOwn(context, attempt)) polling.watch(attempt.id, attempt.route, expected, ageMs);
  return delay(context, attempt, { ageMs, polls: attempt.polls + 1, ...expected });
}

/** The first ends of a route tell when its others are worth their first look, which the catalogue had put off too far. */
export function lookSooner(context: RunContext, route: RouteId): void {
  const { polling, clock, journal } = context;
  if (polling.seen(route).length > ENOUGH_SEEN) return;
  const nowMs = clock.nowMs();
  for (const id of polling.notLookedAt(route)) {
    const attempt = attemptById(context, id);
    const expected = polling.expectedOf(id);
    if (attempt.state !== 'accepted' || attempt.pollAt === null || expected === null) continue;
    const pollAt =
      nowMs + delay(context, attempt, { ageMs: ageOf(context, attempt), polls: attempt.polls, ...expected });
    if (pollAt < attempt.pollAt) journal.patchAttempt(attempt, { pollAt });
  }
}

/** Since the prediction was accepted. */
export function ageOf({ clock }: RunContext, attempt: AttemptRow): number {
  return Math.max(0, clock.nowMs() - (attempt.acceptedAt ?? attempt.sentAt));
}

/** The interval that the manifest sets, or the route's page names: for polls that were not answered. */
export function pollInterval(context: RunContext, attempt: AttemptRow): number {
  const route = routeOf(context, attempt.route);
  return Math.max(LEAST_POLL_MS, pollSettings(context, attempt).everyMs ?? route.poll.everyMs);
}

function delay(
  context: RunContext,
  attempt: AttemptRow,
  at: { ageMs: number; polls: number; expectedMs: number; everyMs: number },
): number {
  const { polling } = context;
  const { leastMs } = routeOf(context, attempt.route).poll;
  const known = { leastMs, seen: polling.seen(attempt.route), isScout: polling.isScout(attempt.id) };
  return pollDelayMs({ ...at, ...known, set: pollSettings(context, attempt) });
}

function expectedOf(context: RunContext, attempt: AttemptRow, job: JobRow): { expectedMs: number; everyMs: number } {
  const route = routeOf(context, attempt.route);
  return { expectedMs: usualMs(route, job.planned.durationMs), everyMs: route.poll.everyMs };
}

function pollSettings(context: RunContext, attempt: AttemptRow) {
  return context.plan.providers[attempt.provider]?.poll ?? { firstMs: null, everyMs: null };
}
