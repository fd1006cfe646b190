import type { AttemptRow } from '../store/store.js';

/** How many looks in a row must find nothing, and over how long, before something counts as gone. */
export interface Proof {
  readonly looks: number;
  readonly overMs: number;
}

/** Looks in a row that found nothing, and since when. Kept in the row, so that the next run counts on. */
export type Absence = Pick<AttemptRow, 'missing' | 'missingSince'>;

export const PRESENT: Absence = { missing: 0, missingSince: null };

/** One more look that found nothing. A time in the future, after the clock was set back, counts as now. */
export function missedAgain({ missing, missingSince }: Absence, nowMs: number): Absence & { missingSince: number } {
  return { missing: missing + 1, missingSince: Math.min(missingSince ?? nowMs, nowMs) };
}

/** Milliseconds until the absence can count as proven; 0 when its time is over. */
export function remainingMs({ missingSince }: Absence, { overMs }: Proof, nowMs: number): number {
  return Math.max(0, (missingSince ?? nowMs) + overMs - nowMs);
}

export function isProvenGone(absence: Absence, proof: Proof, nowMs: number): boolean {
  return absence.missing >= proof.looks && remainingMs(absence, proof, nowMs) === 0;
}
