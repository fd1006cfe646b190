import type { PollSettings } from './poll-schedule.js';

/** Requests that may leave each second, and as many at once after a rest. */
export interface Pace {
  readonly perSecond: number;
}

/** What is left of a pace at one time. */
export interface PaceState {
  readonly tokens: number;
  readonly atMs: number;
}

/** Polls a second of one lane, where its concurrency does not ask for more. */
export const POLLS_PER_SECOND = 10;

/**
 * How many polls a second a lane may send: 10, or one for each attempt that may be open at once when that is more. A
 * manifest that sets its own intervals has set the pace by them: what all open attempts come to at that interval.
 */
export function pollPace(concurrent: number, set: PollSettings): Pace {
  const shortestMs = Math.min(set.firstMs ?? Number.POSITIVE_INFINITY, set.everyMs ?? Number.POSITIVE_INFINITY);
  const asked = (concurrent * 1_000) / Math.max(1, shortestMs);
  return { perSecond: Math.max(POLLS_PER_SECOND, concurrent, asked) };
}

/** The state before anything was sent. */
export function rested({ perSecond }: Pace, nowMs: number): PaceState {
  return { tokens: perSecond, atMs: nowMs };
}

/**
 * Takes one request's place, or says from when on there is one.
 * @returns the state afterwards, or the time in `untilMs` with nothing taken
 */
export function takePlace(
  pace: Pace,
  state: PaceState,
  nowMs: number,
): { readonly taken: true; readonly state: PaceState } | { readonly taken: false; readonly untilMs: number } {
  const elapsedMs = Math.max(0, nowMs - state.atMs);
  const tokens = Math.min(pace.perSecond, state.tokens + (elapsedMs * pace.perSecond) / 1_000);
  if (tokens >= 1) return { taken: true, state: { tokens: tokens - 1, atMs: nowMs } };
  return { taken: false, untilMs: nowMs + Math.max(1, Math.ceil(((1 - tokens) * 1_000) / pace.perSecond)) };
}
