import { and, asc, eq } from 'drizzle-orm';
import { attemptNumbers } from '../attempt-numbers.js';
import { attempts, batches, history, jobs } from '../schema/schema.js';
import type { Store } from '../store.js';

/** One thing that happened to a job: a move of it or of an attempt, an HTTP exchange, or a note. */
export interface HistoryEntry {
  readonly atMs: number;
  readonly runId: string | null;
  readonly kind: string;
  readonly attemptId: string | null;
  /** Which of the job's attempts that is, from 1; `null` as the route. */
  readonly attempt: number | null;
  /** Of the attempt; `null` when it is about none, or about one that was taken back. */
  readonly route: string | null;
  readonly lane: string | null;
  /** As it was written down; its shape follows from `kind`. */
  readonly data: unknown;
}

/** All that is written down about one job, in order; `null` when the state does not know it. Reads only. */
export function readHistory(store: Store, batch: string, key: string): HistoryEntry[] | null {
  const job = store.db
    .select({ id: jobs.id })
    .from(jobs)
    .innerJoin(batches, eq(jobs.batchId, batches.id))
    .where(and(eq(batches.name, batch), eq(jobs.key, key)))
    .get();
  if (job === undefined) return null;
  const numbers = attemptNumbers(store, job.id);
  const entries = store.db
    .select({
      atMs: history.at,
      runId: history.runId,
      kind: history.kind,
      attemptId: history.attemptId,
      route: attempts.route,
      lane: attempts.laneDisplay,
      data: history.data,
    })
    .from(history)
    .leftJoin(attempts, eq(history.attemptId, attempts.id))
    .where(eq(history.jobId, job.id))
    .orderBy(asc(history.id))
    .all();
  return entries.map((entry) => ({ ...entry, attempt: numbers.get(entry.attemptId ?? '') ?? null }));
}
