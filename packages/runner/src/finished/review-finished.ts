import { isWholeAsStored } from '../content/whole-output.js';
import { faultOfOne } from '../machine-fault.js';
import { isSelected, type RunContext } from '../run-context.js';
import { StagingFailure } from '../step/staging-failure.js';
import { pagesById } from '../store/pages.js';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { IS_DOUBTFUL } from '../store/schema/doubtful-jobs.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { noteChanged, treatChange } from './changed-job.js';
import { checkOutput, fetchMissing } from './check-output.js';

/**
 * Looks at every finished job that is asked for before a run goes on: its output must still be on disk, and what it was made from must
 * still be what the manifest asks for. A missing output is fetched again from the paid prediction; a changed job keeps
 * its result until the user says `--remake`.
 */
export async function reviewFinished(context: RunContext): Promise<void> {
  for (const id of await jobsToReview(context)) {
    const job = findRow(context.store, jobs, 'WHERE id = ?', id);
    if (job?.state !== 'succeeded') continue;
    await unlessItsOwnFault(context, job, async () => {
      if (!isSelected(context, job.key)) await noteChanged(context, job);
      else if (await treatChange(context, job)) await fetchMissing(context, id);
      else await checkOutput(context, job);
    });
  }
}

/** Files of one job that cannot be read or written keep the others from nothing: it stays as it is, and that is said. */
async function unlessItsOwnFault(context: RunContext, { key }: JobRow, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    const message = error instanceof StagingFailure ? error.message : await faultOfOne(context, error);
    if (message === null) throw error;
    context.journal.tell({ type: 'problem', key, message });
  }
}

/**
 * The same for a job that this run has finished with what was bought before an edit: an edit that was reverted is restored
 * at once, and of another one it is told what has changed.
 */
export async function reviewFetched(context: RunContext, jobId: number): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'succeeded') return;
  await unlessItsOwnFault(context, job, async () => {
    await treatChange(context, job);
  });
}

/** The last tells whether it may have been made of something else than it is asked to be made of. */
type Finished = readonly [id: number, key: string, output: string | null, isDoubtful: 0 | 1];

/** Finished jobs that are not simply as they were left: most are, and a look at their two files is all they take. */
async function jobsToReview(context: RunContext): Promise<number[]> {
  const page = prepared<[number, number, number], Finished>(
    context.store,
    `SELECT id, key, output, ${IS_DOUBTFUL} AS isDoubtful FROM jobs NOT INDEXED
       WHERE id > ? AND batch_id = ? AND state = 'succeeded' AND orphaned = 0 ORDER BY id LIMIT ?`,
  ).raw(true);
  const toReview: number[] = [];
  const pages = pagesById(
    (after, limit) => page.all(after, context.batchId, limit),
    ([id]) => id,
  );
  for await (const finished of pages) {
    for (const [id, key, output, isDoubtful] of finished) {
      if (isDoubtful === 1 || (isSelected(context, key) && !(output === null || isWholeAsStored(output))))
        toReview.push(id);
    }
  }
  return toReview;
}
