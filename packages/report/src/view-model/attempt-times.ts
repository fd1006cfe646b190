import type { AttemptSnapshot } from '@localize/core';

/** What one attempt's time went to, in the order in which it passes through them. */
export type Phase = 'upload' | 'place' | 'send' | 'queue' | 'work' | 'download';

export interface PhaseTime {
  readonly phase: Phase;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The phases of an attempt that were seen from their beginning to their end. */
export function phaseTimes(attempt: AttemptSnapshot): PhaseTime[] {
  const { createdAtMs, acceptedAtMs, endedAtMs, phases } = attempt;
  const runningAtMs = phases?.runningAtMs ?? null;
  const isDone = attempt.state === 'completed' || attempt.state === 'lost';
  return [
    ...stretch('upload', phases?.stagingAtMs, phases?.stagedAtMs),
    ...stretch('place', phases?.stagedAtMs, createdAtMs),
    ...stretch('send', createdAtMs, acceptedAtMs),
    ...stretch('queue', acceptedAtMs, runningAtMs),
    ...(isDone ? stretch('work', runningAtMs ?? acceptedAtMs, endedAtMs) : []),
    ...stretch('download', phases?.downloadAtMs, phases?.downloadedAtMs),
  ];
}

function stretch(phase: Phase, fromMs: number | null | undefined, toMs: number | null | undefined): PhaseTime[] {
  if (fromMs === null || fromMs === undefined || toMs === null || toMs === undefined) return [];
  return [{ phase, fromMs, toMs: Math.max(fromMs, toMs) }];
}

/** When an attempt no longer takes a slot of its lane: at its end, or at its timeout before or without one. */
export function slotEndMs(attempt: AttemptSnapshot, takenAtMs: number): number {
  const { createdAtMs, endedAtMs, slotUntilMs, state } = attempt;
  if (slotUntilMs === undefined) return Math.max(createdAtMs, endedAtMs ?? lastKnownMs(attempt, takenAtMs));
  // What the user gave up may run on at the provider.
  const heldMs = state === 'abandoned' ? takenAtMs : (endedAtMs ?? takenAtMs);
  return Math.max(createdAtMs, Math.min(heldMs, slotUntilMs));
}

/** Of pages that an older version left, which do not tell the timeout. */
function lastKnownMs(attempt: AttemptSnapshot, takenAtMs: number): number {
  if (attempt.state === 'accepted' || attempt.state === 'intended') return takenAtMs;
  return attempt.acceptedAtMs ?? attempt.sentAtMs ?? attempt.createdAtMs;
}
