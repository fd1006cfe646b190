import type { AttemptSnapshot } from '@localize/core';
import type { ToldAttempt } from '../store.js';

/** An attempt as every document tells it: times by the wall clock, and no word of what was sent. */
export function toAttempt(row: ToldAttempt): AttemptSnapshot {
  const wall = <T extends number | null>(atMs: T) => (atMs === null ? null : atMs + row.wallAhead) as T;
  return {
    id: row.id,
    runId: row.runId,
    route: row.route,
    provider: row.provider,
    lane: row.laneDisplay,
    state: row.state,
    predictionId: row.predictionId,
    estimateMicros: row.estimateMicros,
    ...(row.expectedMicros !== null && { expectedMicros: row.expectedMicros }),
    quotedMicros: row.quotedMicros,
    billedMicros: row.billedMicros,
    costSource: row.costSource,
    failure: row.failure,
    createdAtMs: wall(row.intendedAt),
    sentAtMs: wall(row.sentAt),
    acceptedAtMs: wall(row.acceptedAt),
    endedAtMs: wall(row.endedAt),
    ...(row.fetchedBy !== null && { fetchedBy: row.fetchedBy }),
    ...(isTimedOut(row) && { slotUntilMs: wall(row.slotUntil) }),
    phases: {
      stagingAtMs: wall(row.stagingAt),
      stagedAtMs: wall(row.stagedAt),
      runningAtMs: wall(row.runningAt),
      downloadAtMs: wall(row.downloadAt),
      downloadedAtMs: wall(row.downloadedAt),
    },
  };
}

/** Whether only its timeout frees its slot: nothing has ended it, or that came later, or the user gave it up while it may run. */
function isTimedOut({ state, endedAt, slotUntil }: ToldAttempt): boolean {
  return endedAt === null || endedAt > slotUntil || state === 'abandoned';
}
