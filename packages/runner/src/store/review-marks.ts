import type { MarkSnapshot } from '@localize/core';
import { and, asc, eq } from 'drizzle-orm';
import { marks } from './schema.js';
import type { JobRow, Store } from './store.js';

/** Marks of the outputs that the jobs of a batch have now, by the job's id. Marks of other bytes say nothing of them. */
export function readMarks(store: Store, rows: readonly JobRow[]): Map<number, MarkSnapshot[]> {
  const current = new Map(rows.flatMap((row) => (row.output ? [[row.id, row.output.sha256] as const] : [])));
  const found = new Map<number, MarkSnapshot[]>();
  for (const { jobId, sha256, ...mark } of store.db.select().from(marks).orderBy(asc(marks.reviewer)).all()) {
    if (current.get(jobId) !== sha256) continue;
    const { reviewer, verdict, route, note, at: atMs } = mark;
    found.set(jobId, [...(found.get(jobId) ?? []), { reviewer, verdict, route, note, atMs }]);
  }
  return found;
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
