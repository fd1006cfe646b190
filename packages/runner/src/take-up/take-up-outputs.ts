import { existsSync } from 'node:fs';
import { ifReadable } from '../content/if-readable.js';
import { sidecarPath } from '../content/sidecar.js';
import { outputPath } from '../output/output-paths.js';
import type { RunContext } from '../run-context.js';
import { restoreAnyChoice } from '../step/restore.js';
import { StagingFailure } from '../step/staging-failure.js';
import { hasUnfinishedJob } from '../store/backlog.js';
import { isInBooks } from '../store/money/adopted.js';
import { openAttempt } from '../store/open-attempt.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import { countRemoved } from './count-sidecars.js';
import { selectedJobs } from './selected-jobs.js';
import { takeFormer } from './take-former.js';

/**
 * Takes up what already lies where a job's output belongs, after a lost state, or when an edit is reverted whose re-make
 * came to nothing, and what a lost state has left under other names: before the budget is asked, since what is there costs
 * nothing and its price counts, and before finished jobs are reviewed, since what the manifest asks for may have changed too.
 */
export async function takeUpOutputs(context: RunContext): Promise<void> {
  if (!hasUnfinishedJob(context) || !existsSync(context.plan.outputDir)) return;
  for await (const { id, output } of selectedJobs(context, ['pending', 'failed', 'canceled', 'held'])) {
    const path = outputPath(context.folder, output);
    if (existsSync(sidecarPath(path))) await takeUp(context, id, path);
  }
  if (!(await hasUncounted(context))) return;
  for await (const { id } of selectedJobs(context, ['pending'])) await takeUp(context, id, null);
  await countRemoved(context);
}

/** Whether results lie there that were paid for and that the state counts nowhere yet. */
async function hasUncounted({ resultsOnDisk, store }: RunContext): Promise<boolean> {
  // Of a folder that cannot be read staging says so.
  const found = [...((await ifReadable(resultsOnDisk()))?.values() ?? [])].flat();
  return found.some(({ sidecar }) => !isInBooks(store, sidecar));
}

/** @param path where a video of the job's own lies, of whatever it was made */
async function takeUp(context: RunContext, jobId: number, path: string | null): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  // What is bought for it is settled first.
  if (job === undefined || openAttempt(context.store, job) !== undefined) return;
  try {
    if (await restoreAnyChoice(context, job)) return;
    if (path !== null && job.state === 'pending') await takeFormer(context, job, path);
  } catch (error) {
    // Staging says what is wrong with its sources.
    if (!(error instanceof StagingFailure)) throw error;
  }
}
