import { findRow } from '../rows.js';
import { hasResultIn } from '../schema/attempt-states.js';
import { attempts } from '../schema/schema.js';
import type { AttemptRow, JobRow, Store } from '../store.js';

/**
 * The attempt that made a result with this fingerprint: the job's own, or any other's. What came of one that has a failure
 * was no usable video, and would be none again; what another job of the batch is about to have comes to both of itself.
 */
export function paidAttempt(
  store: Store,
  { id, batchId }: Pick<JobRow, 'id' | 'batchId'>,
  fingerprint: string,
): AttemptRow | null {
  const where = `INDEXED BY attempts_twins
    WHERE fingerprint = ? AND ${hasResultIn('')} AND state = 'completed'
      AND prediction_id IS NOT NULL AND failure IS NULL
      AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = attempts.job_id AND j.id <> ? AND j.batch_id = ? AND j.orphaned = 0
                        AND j.attempt_id = attempts.id AND j.state IN ('downloading', 'held'))
    ORDER BY job_id = ? DESC, rowid DESC LIMIT 1`;
  return findRow(store, attempts, where, fingerprint, id, batchId, id) ?? null;
}
