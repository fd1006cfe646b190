import type { LaneLimits } from '../provider/route.js';
import { placesOfShare, type Sharing } from './fair-share.js';
import type { WindowUse } from './window.js';

/** Why a lane pauses: a 429, creates whose replies were lost, or a host that takes no connection. */
export type PauseCause = 'rate-limit' | 'uncertain' | 'unreachable';

/** Everything that decides whether a lane takes one more create. Times are milliseconds of one clock. */
export interface LaneFacts {
  readonly limits: LaneLimits;
  /** Concurrency that the provider was seen to allow; `null` when nothing lower than the limit was learned. */
  readonly learnedConcurrent: number | null;
  /** Why the lane takes no creates until a person has helped. */
  readonly closed: string | null;
  readonly pausedUntilMs: number;
  readonly pausedFor: PauseCause | null;
  /** Creates in a row whose replies were lost. */
  readonly doubts: number;
  /** Creates in a row that were answered 429. */
  readonly throttled: number;
  /** Creates in a row for which no connection could be made. */
  readonly unreached: number;
  /** Attempts that hold a slot. */
  readonly open: number;
  /** Those of them of which nobody knows whether they exist: their creates got no clear reply. */
  readonly doubtful: number;
  /** Those of them whose create has no reply yet. */
  readonly unanswered: number;
  /** When the first of them gives its slot back by its timeout; `null` when none is open. */
  readonly slotFreeAtMs: number | null;
  /** Looked at last, and only when all else would let a create through: counting a window costs most. */
  readonly window: () => WindowUse;
  /** Asked only after that: who else wants the next place. Absent where nobody is to take one. */
  readonly sharing?: () => Sharing;
}

export type Admission =
  /**
   * `load`: how near the lane is to its nearest limit, from 0 to below 1; 1 more while its last create went wrong.
   * `places`: so many creates may leave now, this one included, as long as nothing else is heard of the lane.
   */
  { readonly admitted: true; readonly load: number; readonly places: number } | Refusal;

export interface Refusal {
  readonly admitted: false;
  readonly why: 'closed' | 'paused' | 'concurrency' | 'one-at-a-time' | 'window' | 'shared';
  /** `Infinity` when only a reply, an ending attempt or a person can free a place. */
  readonly untilMs: number;
}

/** The next place is another batch's, whose run looks for one more often than this; the place is nobody's then. */
const YIELD_MS = 150;

/** From so many lost replies in a row on, this is an outage. */
export const OUTAGE_DOUBTS = 2;

/** Whether a lane takes one more create now, and if not, what it waits for and until when. */
export function admission(facts: LaneFacts, nowMs: number): Admission {
  if (facts.closed !== null) return refusal('closed', Number.POSITIVE_INFINITY);
  if (facts.pausedUntilMs > nowMs) return refusal('paused', facts.pausedUntilMs);
  const slots = allowedConcurrency(facts);
  const slotFreeAtMs = facts.slotFreeAtMs ?? Number.POSITIVE_INFINITY;
  if (facts.open >= slots) return refusal('concurrency', slotFreeAtMs);
  if (isBraked(facts) && facts.unanswered > 0) return refusal('one-at-a-time', slotFreeAtMs);
  const { taken, nextAtMs } = facts.window();
  if (nextAtMs > nowMs) return refusal('window', nextAtMs);
  const { creates } = facts.limits;
  const own = facts.sharing ? placesOfShare(facts.sharing(), { slots, creates }) : Number.POSITIVE_INFINITY;
  if (own === 0) return refusal('shared', nowMs + YIELD_MS);
  const load = Math.max(facts.open / slots, taken / creates);
  // Where the window is still full of creates whose time is over, only this one is sure.
  const places = Math.max(1, Math.min(own, slots - facts.open, creates - taken));
  // A lane that takes nothing is never loaded: it must not draw the jobs that a well one would make.
  if (isBraked(facts) || facts.unreached > 0) return { admitted: true, load: 1 + load, places: 1 };
  return { admitted: true, load, places };
}

/**
 * The limit, or less where the provider was seen to allow less. What was learned counts the attempts that are known to be
 * open: with those that may not exist it would be full of them, and no create could show that the lane takes more.
 */
export function allowedConcurrency({
  limits,
  learnedConcurrent,
  doubtful,
}: Pick<LaneFacts, 'limits' | 'learnedConcurrent' | 'doubtful'>): number {
  if (learnedConcurrent === null) return limits.concurrent;
  return Math.min(limits.concurrent, learnedConcurrent + doubtful);
}

/** After two lost replies or a 429 in a row, creates go one at a time until one is accepted. */
function isBraked({ doubts, throttled }: LaneFacts): boolean {
  return doubts >= OUTAGE_DOUBTS || throttled > 0;
}

function refusal(why: Refusal['why'], untilMs: number): Refusal {
  return { admitted: false, why, untilMs };
}

/**
 * The lane that is furthest from its limits, of those that take a create; the first of equals; `null` when none does.
 * A provider's jobs that are dealt out this way load its keys evenly, whatever each of them was doing before.
 */
export function leastLoaded<L>(looks: ReadonlyMap<L, Admission>): L | null {
  let best: { readonly lane: L; readonly load: number } | null = null;
  for (const [lane, look] of looks) {
    if (look.admitted && (best === null || look.load < best.load)) best = { lane, load: look.load };
  }
  return best?.lane ?? null;
}
