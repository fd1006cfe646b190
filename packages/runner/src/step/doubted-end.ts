import type { StatusResult } from '@localize/core';
import type { RunContext } from '../run-context.js';
import type { AttemptRow } from '../store/store.js';
import { isProvenGone, type Proof } from './absence.js';
import { pollInterval } from './poll-times.js';

/** A success may be told before its output is. */
const LATE_OUTPUT: Proof = { looks: 4, overMs: 0 };
/** Servers stumble for minutes, and within as many the provider's books say whether it was charged. */
const SERVER_BETWEEN: Proof = { looks: 4, overMs: 5 * 60_000 };
const MOST_WAIT_MS = 30_000;

/**
 * Whether what a look says of an end may be taken back by the next one: what is bought anew for such a failure may be paid
 * twice.
 * @returns milliseconds until that next look; `null`: what was said counts
 */
export function untilNextLook(context: RunContext, attempt: AttemptRow, result: StatusResult): number | null {
  const { polling, clock } = context;
  if (result.state === 'unanswered') return null;
  const proof = proofOf(result);
  const doubted = proof && polling.doubted(attempt.id, clock.nowMs());
  if (proof === null || doubted === null || isProvenGone(doubted, proof, clock.nowMs())) {
    polling.wasBelieved(attempt.id);
    return null;
  }
  const interval = pollInterval(context, attempt);
  return Math.max(interval, Math.min(interval * 2 ** (doubted.missing - 1), MOST_WAIT_MS));
}

/** What makes a failure count; `null`: it counts at once. */
function proofOf(result: StatusResult): Proof | null {
  if (result.state !== 'failed') return null;
  if (result.unconfirmed) return SERVER_BETWEEN;
  return result.calledCompleted ? LATE_OUTPUT : null;
}
