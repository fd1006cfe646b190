import { median } from './median.js';

/**
 * When to ask how far a prediction is.
 *
 * A poll costs a request, and every moment between the end of a prediction and the poll that sees it is a slot that
 * stands idle. So the times of the polls are those for which both together cost least, if this prediction takes as long
 * as the route's last ones did: none before the first could have ended, many around the usual end, few afterwards.
 */

/** What the manifest says under `poll:`; `null` where it says nothing. What it says is done to the letter. */
export interface PollSettings {
  readonly firstMs: number | null;
  readonly everyMs: number | null;
}

export interface PollQuestion {
  /** Since the prediction was accepted. */
  readonly ageMs: number;
  /** How often it was looked at already. */
  readonly polls: number;
  /** The route's usual time for a prediction of this length. */
  readonly expectedMs: number;
  /** The interval that the route's page names. */
  readonly everyMs: number;
  /** The shortest interval that it names. */
  readonly leastMs?: number | undefined;
  /** How long earlier predictions took, as shares of what was expected of each; see {@link durationShare}. */
  readonly seen: readonly number[];
  readonly set: PollSettings;
  /** Whether it is to show soon how long the route takes, of which nothing is known, or what was seen holds no more. */
  readonly isScout?: boolean;
}

/** Never poll a prediction more often than this of our own accord. */
export const LEAST_POLL_MS = 100;
/** Nor more often than this, whatever a manifest says. */
export const LEAST_SET_POLL_MS = 10;
const MOST_WAIT_MS = 5 * 60_000;
/** Fewer than this many observed ends are mixed with {@link USUAL_SHARES} of what was seen; from then on they are believed. */
export const ENOUGH_SEEN = 8;
/** A scout is looked at from this share of the least time known for its route on, and whenever it is so much older. */
const SCOUT = { fromShare: 0.05, growth: 1.25 };
/** What the usual time of a route is worth: half of it to thrice it, mostly near it. */
const USUAL_SHARES = [0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3];
/** So many points stand for a distribution. */
const POINTS = 128;
/** Each is smoothed with so many on either side. */
const SMOOTHED = 6;

/** How long to wait before the next look at a prediction that is not known to have ended. */
export function pollDelayMs(question: PollQuestion): number {
  const { ageMs, polls, set } = question;
  if (polls === 0 && set.firstMs !== null) return Math.max(LEAST_SET_POLL_MS, set.firstMs - ageMs);
  if (polls > 0 && set.everyMs !== null) return Math.max(LEAST_SET_POLL_MS, set.everyMs);
  const least = Math.max(LEAST_POLL_MS, question.leastMs ?? question.everyMs / 3);
  const wait = Math.max(least, cheapestPollAt(question) - ageMs);
  const scouted = question.isScout && set.firstMs === null ? Math.max(least, scoutAt(question) - ageMs) : wait;
  return Math.round(Math.min(MOST_WAIT_MS, wait, scouted));
}

function scoutAt({ ageMs, expectedMs, everyMs, seen }: PollQuestion): number {
  const leastMs = Math.min(1, ...seen) * scaleOf(expectedMs, everyMs);
  return Math.max(everyMs, SCOUT.fromShare * leastMs, ageMs * SCOUT.growth);
}

function cheapestPollAt({ ageMs, expectedMs, everyMs, seen }: PollQuestion): number {
  const scale = scaleOf(expectedMs, everyMs);
  const pollMs = pollWorthMs(scale, everyMs);
  const shares = seen.length < ENOUGH_SEEN ? [...seen, ...usualShares(seen)] : seen;
  const ends = quantiles(shares, POINTS).map((share) => share * scale);
  const left = ends.filter((end) => end > ageMs);
  if (left.length > 0) return firstOfCheapest(left, pollMs);
  // Later than any before: then it may well take half as long again, and polls at such a rate cost least this far apart.
  return ageMs + Math.sqrt(pollMs * ageMs);
}

/** The catalogue may be wrong about a route's time by a factor, of which the first ends tell more than its word. */
function usualShares(seen: readonly number[]): number[] {
  const usual = median(seen) ?? 1;
  return USUAL_SHARES.map((share) => share * usual);
}

/**
 * A poll is worth this much waiting: little beside the prediction's own time, so that a slot stands idle for about a
 * hundredth of it.
 */
function pollWorthMs(scaleMs: number, everyMs: number): number {
  return Math.max(everyMs / 20, scaleMs / 2_000);
}

/**
 * A prediction's time as a share of what was expected of it, from the ages between which it ended: those of the last
 * poll that saw it open (0: none did) and of the one that saw its end.
 */
export function durationShare(
  between: { readonly openAtMs: number; readonly endedByMs: number },
  expected: { readonly expectedMs: number; readonly everyMs: number },
): number {
  const { openAtMs, endedByMs } = between;
  // One that had ended before it was looked at may have ended long before: a later one is looked at sooner.
  const endedAt = openAtMs > 0 ? (openAtMs + endedByMs) / 2 : endedByMs * 0.75;
  return endedAt / scaleOf(expected.expectedMs, expected.everyMs);
}

function scaleOf(expectedMs: number, everyMs: number): number {
  return Math.max(expectedMs, everyMs, 1);
}

/**
 * The first of the polls that cost least in all, for one of `ends` (ascending) that is drawn by lot: each poll costs
 * `pollMs`, and each moment from its end to the poll that sees it costs itself. Only times in `ends` need be tried,
 * since a poll that is moved back to the end before it sees as much, sooner.
 */
export function firstOfCheapest(ends: readonly number[], pollMs: number): number {
  const count = ends.length;
  const sums = [0];
  for (const end of ends) sums.push((sums.at(-1) ?? 0) + end);
  // cost[i]: of all that comes when the first i have been seen to end; each of the others is polled.
  const cost = new Array<number>(count + 1).fill(0);
  let next = count;
  for (let from = count - 1; from >= 0; from -= 1) {
    let best = Number.POSITIVE_INFINITY;
    for (let to = from + 1; to <= count; to += 1) {
      const waited = (ends[to - 1] ?? 0) * (to - from) - ((sums[to] ?? 0) - (sums[from] ?? 0));
      const total = pollMs * (count - from) + waited + (cost[to] ?? 0);
      if (total < best) {
        best = total;
        next = to;
      }
    }
    cost[from] = best;
  }
  return ends[next - 1] ?? 0;
}

/**
 * `count` values that are spread as the sample is: straight lines between its own, then each the mean of its
 * neighbours, since a small sample has gaps and heaps that are only chance. Ascending.
 */
function quantiles(sample: readonly number[], count: number): number[] {
  const sorted = [...sample].sort((a, b) => a - b);
  const values = Array.from({ length: count }, (_, index) => {
    const at = (index / (count - 1)) * (sorted.length - 1);
    const low = sorted[Math.floor(at)] ?? 0;
    const high = sorted[Math.ceil(at)] ?? low;
    return low + (high - low) * (at - Math.floor(at));
  });
  return values.map((_, index) => meanAround(values, index, Math.min(SMOOTHED, index, count - 1 - index)));
}

function meanAround(values: readonly number[], index: number, reach: number): number {
  let sum = 0;
  for (let at = index - reach; at <= index + reach; at += 1) sum += values[at] ?? 0;
  return sum / (2 * reach + 1);
}
