import {
  type AttemptSnapshot,
  type JobSnapshot,
  type MarkSnapshot,
  mappedJobs,
  plainText,
  type Snapshot,
  type StreamedSnapshot,
} from '@localize/core';

/** Long enough for any message worth keeping; what is cut is marked. */
const PROSE_LIMIT = 4000;

/**
 * The same snapshot with all prose made plain: one line, no control characters, no signature of a URL. The store keeps
 * such things out already; every document goes through here all the same, since a report is what gets passed on. Names
 * and paths stay exact: other programs read them, and each document makes them harmless in its own way.
 */
export function plainSnapshot(snapshot: Snapshot): Snapshot {
  return { ...plainStream(snapshot), jobs: snapshot.jobs.map(plainJob) };
}

/** The same of one whose jobs are read as they are gone through. */
export function plainStream(snapshot: StreamedSnapshot): StreamedSnapshot {
  return {
    ...snapshot,
    warnings: snapshot.warnings.map(prose),
    runs: snapshot.runs.map((run) => ({ ...run, endedWhy: proseOrNull(run.endedWhy) })),
    lanes: snapshot.lanes.map((lane) => ({ ...lane, closed: proseOrNull(lane.closed) })),
    jobs: mappedJobs(snapshot.jobs, plainJob),
  };
}

function plainJob(job: JobSnapshot): JobSnapshot {
  return {
    ...job,
    source: isWebAddress(job.source) ? plainText(job.source, Number.POSITIVE_INFINITY) : job.source,
    reason: proseOrNull(job.reason),
    ...(job.marks && { marks: job.marks.map(plainMark) }),
    ...(job.earlierMarks && { earlierMarks: job.earlierMarks.map(plainMark) }),
    ...(job.redo?.refused !== undefined && { redo: { ...job.redo, refused: prose(job.redo.refused) } }),
    attempts: job.attempts.map(plainAttempt),
  };
}

function plainMark(mark: MarkSnapshot): MarkSnapshot {
  return { ...mark, note: prose(mark.note) };
}

function plainAttempt(attempt: AttemptSnapshot): AttemptSnapshot {
  const { failure } = attempt;
  return failure === null ? attempt : { ...attempt, failure: { ...failure, message: prose(failure.message) } };
}

function isWebAddress(source: string): boolean {
  return /^\s*https?:/i.test(source);
}

function prose(text: string): string {
  return plainText(text, PROSE_LIMIT);
}

function proseOrNull(text: string | null): string | null {
  return text === null ? null : prose(text);
}
