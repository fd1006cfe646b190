import { reviewFetched } from '../finished/review-finished.js';
import { outputPath } from '../output/output-paths.js';
import type { RunContext } from '../run-context.js';
import type { Unwanted } from '../store/review/unwanted-remake.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import { restoreByFingerprint } from './restore.js';
import { StagingFailure } from './staging-failure.js';

const WORDS: Readonly<Record<Unwanted, string>> = {
  approved: 'a reviewer has approved it',
  'redo-approved': 'its reviewers approve it by now',
  'redo-ended': 'that it be made again was withdrawn',
  'redo-disputed': 'its reviewers disagree by now',
  'redo-other': 'its reviewers ask for another by now, which a run with `--remake` makes',
};

/**
 * Says of a job that has its earlier video back why nothing is bought for it, and how it differs from what the manifest asks
 * for. A video that has another name by now is put there.
 */
export async function keepStanding(context: RunContext, jobId: number, why: Unwanted): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'succeeded') return;
  const { key } = job;
  context.journal.tell({ type: 'problem', key, message: `${WORDS[why]}: it keeps its video, and no other is bought` });
  try {
    const isElsewhere = job.output?.path !== outputPath(context.folder, job.planned.output);
    if (isElsewhere && job.fingerprint !== null) await restoreByFingerprint(context, job, job.fingerprint);
  } catch (error) {
    // It stays where it is, and that is said.
    if (!(error instanceof StagingFailure)) throw error;
    context.journal.tell({ type: 'problem', key, message: error.message });
  }
  // A redo that has ended is still in the plan of this run, and in that of the next no more.
  if (why === 'approved') await reviewFetched(context, jobId);
}
