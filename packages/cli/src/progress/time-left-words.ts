import { durationWords, timeLeft } from '@localize/core';
import type { LanesNow } from '../batch/take-lanes.js';

/** Below this it is a matter of the next look. */
const MOMENT_MS = 1_000;

/**
 * How long a run may still take, in words of the total line, and what takes longer than usual; nothing where nothing is
 * waited for.
 */
export function timeLeftWords(
  now: LanesNow | null,
  { createsEnded }: { createsEnded: boolean },
  { terse }: { terse: boolean },
): [timeLeft: string[], late: string[]] {
  const left = now?.work ? timeLeft(now.work, now.lanes, { nowMs: now.nowMs, createsEnded }) : null;
  if (left === null) return [[], []];
  const { ms, late } = left;
  if (ms < MOMENT_MS) return [[late > 0 ? 'takes longer than usual' : 'any moment'], []];
  const time = durationWords(rounded(ms));
  if (late === 0) return [[`${terse ? '~' : 'about '}${time} left`], []];
  return [[`${terse ? '>' : 'more than '}${time} left`], [`${late} longer than usual`]];
}

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];

/** No finer than anybody can know. */
function rounded(ms: number): number {
  const step =
    ms < 2 * MINUTE_MS ? 1_000 : ms < 10 * MINUTE_MS ? 10_000 : ms < 5 * HOUR_MS ? MINUTE_MS : 10 * MINUTE_MS;
  return Math.ceil(ms / step) * step;
}
