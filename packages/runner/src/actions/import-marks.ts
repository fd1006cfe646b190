import { isDeepStrictEqual } from 'node:util';
import { LocalizeError, type MarkSnapshot, plainText } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import type { EditedOutputs } from '../output/edited-outputs.js';
import { settleRedo } from '../store/review/redos.js';
import { batches, jobs, marks } from '../store/schema/schema.js';
import { asItStands } from '../store/standing.js';
import type { JobRow, Store } from '../store/store.js';

/** A reviewer's mark as it comes from outside. */
export interface GivenMark extends MarkSnapshot {
  readonly key: string;
  /** The very file that was looked at. */
  readonly sha256: string;
}

/**
 * `kept`: a newer mark of the same reviewer is known. `other-bytes`: the job has another output by now, or none,
 * or somebody put another file in its place.
 * `unfinished`: what it has is no finished video, as one that is held: no redo makes that anew, and no approval ends it.
 * `earlier`: it is of the video that the job had before another was bought for it, and nobody knows what comes of that, or it
 * came to nothing.
 * `unknown-job`: the batch has no such job. `future`: it is dated so far ahead that a clock must be wrong; taken in, it would
 * outweigh all that its reviewer says from now on.
 */
export type MarkOutcome =
  | 'applied'
  | 'known'
  | 'kept'
  | 'other-bytes'
  | 'unfinished'
  | 'earlier'
  | 'unknown-job'
  | 'future';

export interface ImportedMark {
  readonly mark: GivenMark;
  readonly outcome: MarkOutcome;
}

/** Clocks of other places may be wrong by a time zone. */
const FURTHEST_AHEAD_MS = 24 * 3_600_000;
const LONGEST_NOTE = 2000;
const LONGEST_NAME = 100;

/**
 * Writes reviewers' marks into the state, all or none, each bound to the bytes it was made of; an output that they want
 * made again gets a redo, which the next plan lists as a re-make. Needs no batch lock: marks move no job, so that a review
 * can come in while a run goes on.
 * @param edited what a look at the files has found: the reviewers saw those; by default what the last run found
 * @throws LocalizeError JOB_UNKNOWN when the state has no such batch
 */
export function importMarks(
  store: Store,
  batchName: string,
  given: readonly GivenMark[],
  nowMs: number,
  edited: EditedOutputs | null = null,
): ImportedMark[] {
  return store.transact(() => {
    const batch = store.db.select().from(batches).where(eq(batches.name, batchName)).get();
    if (batch === undefined) {
      throw new LocalizeError('JOB_UNKNOWN', `the state knows no batch ${batchName}`, { hint: 'run it first' });
    }
    const found = store.db.select().from(jobs).where(eq(jobs.batchId, batch.id)).all();
    const rows = found.map(
      (row) => asItStands(store, row) ?? (edited ? { ...row, edited: edited.get(row.id) === 'edited' } : row),
    );
    const byKey = new Map(rows.map((row) => [row.key, row]));
    const imported = given.map((mark) => ({ mark, outcome: importMark(store, byKey.get(mark.key), mark, nowMs) }));
    const touched = new Set(imported.filter(({ outcome }) => outcome === 'applied').map(({ mark }) => mark.key));
    for (const row of rows) if (touched.has(row.key)) settleRedo(store, row, nowMs);
    return imported;
  });
}

function importMark(store: Store, job: JobRow | undefined, mark: GivenMark, nowMs: number): MarkOutcome {
  if (job === undefined) return 'unknown-job';
  const isEarlier = job.state !== 'succeeded' && job.standing?.output.sha256 === mark.sha256;
  if (isEarlier) return isDeepStrictEqual(earlierMark(store, rowOf(job, mark)), rowOf(job, mark)) ? 'known' : 'earlier';
  if (job.output?.sha256 !== mark.sha256 || (job.state === 'succeeded' && job.edited)) return 'other-bytes';
  if (job.state !== 'succeeded') return 'unfinished';
  if (mark.atMs > nowMs + FURTHEST_AHEAD_MS) return 'future';
  const row = rowOf(job, mark);
  const known = earlierMark(store, row);
  if (known && known.at > row.at) return 'kept';
  if (known && isDeepStrictEqual(known, row)) return 'known';
  const { verdict, route, note, at } = row;
  store.db
    .insert(marks)
    .values(row)
    .onConflictDoUpdate({ target: [marks.jobId, marks.sha256, marks.reviewer], set: { verdict, route, note, at } })
    .run();
  return 'applied';
}

function rowOf(job: JobRow, mark: GivenMark) {
  return {
    jobId: job.id,
    sha256: mark.sha256,
    reviewer: plainText(mark.reviewer, LONGEST_NAME),
    verdict: mark.verdict,
    route: mark.route === null ? null : plainText(mark.route, LONGEST_NAME),
    note: plainText(mark.note, LONGEST_NOTE),
    at: mark.atMs,
  };
}

function earlierMark(store: Store, { jobId, sha256, reviewer }: typeof marks.$inferInsert) {
  return store.db
    .select()
    .from(marks)
    .where(and(eq(marks.jobId, jobId), eq(marks.sha256, sha256), eq(marks.reviewer, reviewer)))
    .get();
}
