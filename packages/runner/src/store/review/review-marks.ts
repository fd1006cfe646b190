import type { MarkSnapshot, RedoSnapshot } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { findRow, findRows } from '../rows.js';
import { attempts, marks, redos } from '../schema/schema.js';
import type { JobRow, Store } from '../store.js';

/** What the reviews of a batch say of one job. */
export interface JobReview {
  /** Marks of the finished video that it has now. Marks of other bytes say nothing of that one. */
  readonly marks: MarkSnapshot[];
  /** Marks of others that it had before, or has and cannot finish with, or that are no longer on the disk. */
  readonly earlierMarks: MarkSnapshot[];
  /** Of those the ones that are of the finished video which another is to take the place of. */
  readonly standingMarks: MarkSnapshot[];
  redo?: RedoSnapshot;
}

/** Reviews of some jobs, by the job's id; none for a job that nobody has said anything of. */
export function readReviews(store: Store, rows: readonly JobRow[]): Map<number, JobReview> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const found = new Map<number, JobReview>();
  const reviewOf = (jobId: number) => {
    const review = found.get(jobId) ?? { marks: [], earlierMarks: [], standingMarks: [] };
    found.set(jobId, review);
    return review;
  };
  const asked = JSON.stringify([...byId.keys()]);
  const ofJobs = 'WHERE job_id IN (SELECT value FROM json_each(?))';
  for (const row of findRows(store, marks, `${ofJobs} ORDER BY at, reviewer`, asked)) {
    const { jobId, sha256, at: atMs, ...said } = row;
    const job = byId.get(jobId);
    if (job === undefined) continue;
    const { reviewer, verdict, route, note } = said;
    const list = isFinished(job, sha256) ? reviewOf(jobId).marks : reviewOf(jobId).earlierMarks;
    const mark = { reviewer, verdict, route, note, atMs };
    list.push(mark);
    if (job.standing?.output.sha256 === sha256) reviewOf(jobId).standingMarks.push(mark);
  }
  for (const row of findRows(store, redos, `${ofJobs} ORDER BY id`, asked)) {
    const job = byId.get(row.jobId);
    const redo = job === undefined ? null : redoOf(store, job, row);
    if (redo !== null) reviewOf(row.jobId).redo = redo;
  }
  return found;
}

/** What is asked for in place of a job's video; `null` where that says nothing any more. */
function redoOf(store: Store, job: JobRow, row: typeof redos.$inferSelect): RedoSnapshot | null {
  const { sha256, route, seed, preference } = row;
  const isPresent = isFinished(job, sha256);
  // What is held with these bytes is mended as its reason says.
  if (!isPresent && job.output?.sha256 === sha256) return null;
  // A provider may deliver the very same bytes again, or have delivered them to another job that was made as they ask.
  const made = findRow(store, attempts, 'WHERE id = ?', job.attemptId);
  const isDone =
    made?.route === (route ?? made?.route) && made?.request.input.seed === (seed ?? made?.request.input.seed);
  const waits = isPresent && !isDone;
  // A manifest that was edited since is the newer word.
  const holds = preference === null || preference === job.planned.preference;
  if (holds) return { route, seed, waits };
  return waits ? { route, seed, waits: false, overtaken: true } : null;
}

/** Whether these bytes are the finished video of a job, and nobody put others in their place. */
function isFinished({ state, output, edited }: JobRow, sha256: string): boolean {
  return state === 'succeeded' && !edited && output?.sha256 === sha256;
}

/** Whether some reviewer approved the very output that the job has; another's doubt does not undo it. */
export function isApproved(store: Store, job: Pick<JobRow, 'id' | 'output'>): boolean {
  if (job.output === null) return false;
  const { sha256 } = job.output;
  const approval = store.db
    .select()
    .from(marks)
    .where(and(eq(marks.jobId, job.id), eq(marks.sha256, sha256), eq(marks.verdict, 'approve')))
    .get();
  return approval !== undefined;
}
