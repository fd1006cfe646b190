import { fingerprintsOf } from '../content/fingerprint.js';
import { ifReadable } from '../content/if-readable.js';
import type { RunContext } from '../run-context.js';
import { refetchPaid } from '../step/paid-result.js';
import { lookForLost, lostAttempt } from '../store/lost-result.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { selectedJobs } from './selected-jobs.js';

/**
 * Has lost results asked for once more, for free, since they may be back. Where what is asked for now was paid for too,
 * as after a reverted edit whose re-make was lost, it is that one. Called when what is on disk has been taken up.
 */
export async function seekLost(context: RunContext): Promise<void> {
  for await (const { id } of selectedJobs(context, ['held'])) {
    const job = findRow(context.store, jobs, 'WHERE id = ?', id);
    if (job?.holdReason !== 'lost' || (await ifReadable(refetchWanted(context, job)))) continue;
    const lost = lostAttempt(context.journal, job);
    if (lost) context.journal.transact(() => lookForLost(context.journal, job, lost));
  }
}

async function refetchWanted(context: RunContext, job: JobRow): Promise<boolean> {
  for (const fingerprint of await fingerprintsOf(context.contentIds, job.planned)) {
    if (await refetchPaid(context, job, fingerprint)) return true;
  }
  return false;
}
