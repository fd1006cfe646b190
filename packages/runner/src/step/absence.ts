import type { AttemptRow } from '../store/store.js';

/** For so long something must not be found before it counts as gone: servers stumble for minutes. */
const OVER_MS = 5 * 60_000;

/** Looks in a row that found nothing, and since when. Kept in the row, so that the next run counts on. */
export type Absence = Pick<AttemptRow, 'missing' | 'missingSince'>;

export const PRESENT: Absence = { missing: 0, missingSince: null };

/** One more look that found nothing. A time in the future, after the clock was set back, counts as now. */
export function missedAgain({ missing, missingSince }: Absence, nowMs: number): Absence & { missingSince: number } {
  return { missing: missing + 1, missingSince: Math.min(missingSince ?? nowMs, nowMs) };
}

/** Milliseconds until the absence can count as proven; 0 when its time is over. */
export function remainingMs({ missingSince }: Absence, nowMs: number): number {
  return Math.max(0, (missingSince ?? nowMs) + OVER_MS - nowMs);
}

/** Whether so many looks over that time have found nothing. */
export function isProvenGone(absence: Absence, looks: number, nowMs: number): boolean {
  return absence.missing >= looks && remainingMs(absence, nowMs) === 0;
}
