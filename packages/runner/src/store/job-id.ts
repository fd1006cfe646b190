import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** Of a job that the state has not met. */
const NO_JOB = -1;

/** The number of a job in the state; one that no job has where the state does not know it, or there is none yet. */
export function jobIdOf(store: Store | null, batchId: number, key: string): number {
  if (store === null) return NO_JOB;
  const sql = 'SELECT id FROM jobs WHERE batch_id = ? AND key = ?';
  return prepared<[number, string], { id: number }>(store, sql).get(batchId, key)?.id ?? NO_JOB;
}
