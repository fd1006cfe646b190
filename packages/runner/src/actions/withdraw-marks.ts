import { and, eq } from 'drizzle-orm';
import { settleRedo } from '../store/review/redos.js';
import { batches, jobs, marks } from '../store/schema/schema.js';
import { asItStands } from '../store/standing.js';
import type { Store } from '../store/store.js';

/** A mark that was taken back. */
export interface WithdrawnMark {
  readonly key: string;
  readonly reviewer: string;
  readonly verdict: 'approve' | 'redo';
}

/**
 * Takes back what all reviewers said of the present outputs of these jobs, and the redos that came of it. What they said of
 * earlier outputs stays.
 */
export function withdrawMarks(
  store: Store,
  batchName: string,
  isMeant: (key: string) => boolean,
  nowMs: number,
): WithdrawnMark[] {
  return store.transact(() => {
    const rows = store.db
      .select({ job: jobs, mark: marks })
      .from(marks)
      .innerJoin(jobs, eq(marks.jobId, jobs.id))
      .innerJoin(batches, eq(jobs.batchId, batches.id))
      .where(eq(batches.name, batchName))
      .all()
      .map(({ job, mark }) => ({ job: asItStands(store, job) ?? job, mark }))
      .filter(({ job, mark }) => isMeant(job.key) && job.output?.sha256 === mark.sha256);
    for (const { jobId, sha256 } of rows.map(({ mark }) => mark)) {
      store.db
        .delete(marks)
        .where(and(eq(marks.jobId, jobId), eq(marks.sha256, sha256)))
        .run();
    }
    for (const { job } of rows) settleRedo(store, job, nowMs);
    return rows.map(({ job: { key }, mark: { reviewer, verdict } }) => ({ key, reviewer, verdict }));
  });
}
