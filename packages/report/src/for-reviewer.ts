import type { JobSnapshot, MarkSnapshot, Snapshot } from '@localize/core';

/**
 * What a native speaker needs of a batch, for a page that leaves the house: its videos, what was measured in them and what
 * was said of them. How they were made, by whom and for how much stays here.
 */
export function forReviewer(snapshot: Snapshot): Snapshot {
  const { budget: _, selection: __, ...rest } = snapshot;
  return { ...rest, manifest: '', runs: [], lanes: [], warnings: [], jobs: snapshot.jobs.map(jobForReviewer) };
}

/** Of a video that does not leave the house, such as a held one: its figures would be read as those of the one that plays. */
const UNMEASURED = { outputSha256: null, outputBytes: null, outputDurationMs: null, measured: null } as const;

function jobForReviewer({
  waitsForMoney: _,
  waitsForAmount: ________,
  alternatives: __,
  otherRoutes: ______,
  redo: ___,
  takenFrom: ____,
  takenBack: _______,
  changed: _____,
  remaking: _________,
  earlierOffDisk: __________,
  ...job
}: JobSnapshot): JobSnapshot {
  return {
    ...job,
    ...(job.marks && { marks: job.marks.map(markForReviewer) }),
    ...(job.output === null && !job.replaced && UNMEASURED),
    ...(job.earlierMarks && { earlierMarks: job.earlierMarks.map(markForReviewer) }),
    route: null,
    estimateMicros: null,
    holdReason: null,
    reason: null,
    mend: null,
    attempts: [],
  };
}

function markForReviewer(mark: MarkSnapshot): MarkSnapshot {
  return { ...mark, route: null };
}
