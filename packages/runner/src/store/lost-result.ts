import type { AttemptPatch, Journal } from './journal.js';
import { findRow } from './rows.js';
import { attempts } from './schema/schema.js';
import type { AttemptRow, JobRow } from './store.js';

/** The attempt whose result a job has lost, where the provider can still be asked for it. */
export function lostAttempt({ store }: Journal, { attemptId }: JobRow): AttemptRow | undefined {
  if (attemptId === null) return undefined;
  const where = `WHERE id = ? AND state = 'lost' AND prediction_id IS NOT NULL`;
  return findRow(store, attempts, where, attemptId);
}

/** Has a lost result looked for again. Its row still says how long it has been gone: one look in vain is enough. */
export function lookForLost(journal: Journal, job: JobRow, lost: AttemptRow, patch: AttemptPatch = {}): void {
  journal.moveAttempt(lost, 'complete', { ...patch, outputUrl: null, failure: null });
  journal.moveJob(job, 'refetch', { stumbles: 0, readyAt: 0, failure: null });
}
