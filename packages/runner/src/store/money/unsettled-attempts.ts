import { prepared } from '../prepared.js';
import { holdsSlotIn } from '../schema/attempt-states.js';
import type { Store } from '../store.js';

/** From the small index that has every attempt of which something is still to come, however many are settled. */
export const UNSETTLED = `
  FROM attempts a INDEXED BY attempts_slots CROSS JOIN jobs j ON j.id = a.job_id
  WHERE ${holdsSlotIn('a.')}`;

/** Attempts of a batch that are neither refused nor over. */
export function unsettledAttempts(store: Store, batchId: number): { id: string; jobId: number }[] {
  const sql = `SELECT a.id, a.job_id AS jobId ${UNSETTLED} AND j.batch_id = ?`;
  return prepared<[number], { id: string; jobId: number }>(store, sql).all(batchId);
}
