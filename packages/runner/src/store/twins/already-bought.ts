import type { Journal } from '../journal.js';
import { openAttempt } from '../open-attempt.js';
import { findRow } from '../rows.js';
import { attempts } from '../schema/schema.js';
import type { AttemptRow, JobRow } from '../store.js';

/**
 * Moves a job that is to be bought to where an attempt of its own says that it is, if one does: what is accepted is
 * followed to its end, whatever it is made of; of what is uncertain nobody knows; and what is made of the very same and
 * paid for is fetched. Nothing that a job has been through leads to a second purchase beside one of these.
 * @param fingerprints of the results that serve the job
 * @returns whether there is one, so that nothing may be bought
 */
export function takeWhatIsBought(journal: Journal, job: JobRow, fingerprints: readonly string[]): boolean {
  const open = openAttempt(journal.store, job);
  if (open !== undefined) {
    followOpen(journal, job, open);
    return true;
  }
  const paid = paidFor(journal, job, fingerprints);
  if (paid === null) return false;
  journal.moveJob(job, 'refetch', { attemptId: paid.id, stumbles: 0, readyAt: 0, failure: null });
  return true;
}

/** A job beside its open attempt: it waits for what becomes of that. */
export function followOpen(journal: Journal, job: JobRow, open: AttemptRow): void {
  const attemptId = open.id;
  if (open.state === 'accepted') {
    journal.patchAttempt(open, { pollAt: open.pollAt ?? journal.clock.nowMs() });
    journal.moveJob(job, 'found', { attemptId, failure: null });
  } else journal.moveJob(job, 'hold', { holdReason: 'uncertain', attemptId, failure: open.failure });
}

function paidFor({ store }: Journal, { id }: JobRow, fingerprints: readonly string[]): AttemptRow | null {
  for (const fingerprint of fingerprints) {
    const paid = findRow(store, attempts, PAID, id, fingerprint);
    if (paid !== undefined) return paid;
  }
  return null;
}

/** What came of one that has a failure was no usable video, and would be none again. */
const PAID = `INDEXED BY attempts_job WHERE job_id = ? AND state = 'completed' AND fingerprint = ? AND failure IS NULL
  AND prediction_id IS NOT NULL ORDER BY rowid DESC LIMIT 1`;
