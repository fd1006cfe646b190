import { LocalizeError } from '@localize/core';
import { eq } from 'drizzle-orm';
import { byFingerprint, type FoundResults, findResults } from '../content/result-index.js';
import { holdBatch } from '../hold-batch.js';
import { outputPath } from '../output/output-paths.js';
import { obstacleAt } from '../output/output-place.js';
import type { RunContext } from '../run-context.js';
import type { RunOptions } from '../run-options.js';
import { finishAgain } from '../step/finish-output.js';
import { rememberPaid, restoreAnyChoice } from '../step/restore.js';
import { StagingFailure } from '../step/staging-failure.js';
import { endRun } from '../store/runs.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { countRemoved } from '../take-up/count-sidecars.js';
import { type RefusedResult, refusedResults } from './refused-results.js';

export interface Adopted {
  /** Jobs that are done now. */
  readonly adopted: readonly string[];
  /** Jobs for which the folder holds no usable result. */
  readonly missing: readonly string[];
  /** Of those, the ones whose result is paid for by its sidecar: the next run fetches it from its provider. */
  readonly paid: readonly string[];
  /** What the folder holds besides. */
  readonly refused: readonly RefusedResult[];
}

/**
 * Takes in finished results from a folder by their sidecars: after a lost state, or from another machine. Only a video
 * whose fingerprint is what the manifest asks for, and whose bytes are what its sidecar says, is used. Buys nothing.
 * @throws LocalizeError BATCH_LOCKED, BATCH_ELSEWHERE
 */
export function adopt(options: RunOptions, found: FoundResults): Promise<Adopted> {
  const known = byFingerprint(found.results, options.plan.emulate);
  return holdBatch(options, async (held) => {
    const context = { ...held.context, resultsOnDisk: async () => known };
    const adopted: string[] = [];
    const missing: string[] = [];
    const paid: string[] = [];
    for (const job of unfinishedJobs(context)) {
      const done = await unlessRefused(context, job, restoreAnyChoice);
      (done ? adopted : missing).push(job.key);
      const obstacle = done ? null : obstacleAt(context.folder, outputPath(context.folder, job.planned.output));
      if (obstacle !== null) context.journal.tell({ type: 'problem', key: job.key, message: obstacle });
      if (!done && (await unlessRefused(context, job, rememberPaid))) paid.push(job.key);
    }
    for (const jobId of context.finished.toFinish) await finishAgain(context, jobId);
    // What lies in its own folder counts, as for a run.
    await countRemoved(held.context);
    const refused = await refusedResults(context, found);
    endRun(context.store, held.runId, { endedAt: context.clock.wallMs(), why: 'finished' });
    return { adopted, missing, paid, refused };
  });
}

/** Where a job's video cannot be put, or its sources not be read, that is said, and the others go on. */
async function unlessRefused(context: RunContext, job: JobRow, take: typeof restoreAnyChoice): Promise<boolean> {
  try {
    return await take(context, job);
  } catch (error) {
    if (!(error instanceof StagingFailure)) throw error;
    context.journal.tell({ type: 'problem', key: job.key, message: error.message });
    return false;
  }
}

/**
 * What a folder holds that may be adopted.
 * @throws LocalizeError FOLDER_MISSING
 */
export async function resultsIn(folder: string): Promise<FoundResults> {
  try {
    return await findResults(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : code === 'ENOTDIR' ? 'is no folder' : null;
    if (why === null) throw error;
    throw new LocalizeError('FOLDER_MISSING', `${folder} ${why}`, { cause: error });
  }
}

/** Jobs with a paid prediction on its way are left to it. */
function unfinishedJobs(context: RunContext): JobRow[] {
  const rows = context.store.db.select().from(jobs).where(eq(jobs.batchId, context.batchId)).all();
  const open = new Set(['pending', 'failed', 'canceled']);
  return rows.filter(
    (row) => !row.orphaned && (open.has(row.state) || (row.state === 'held' && row.holdReason === 'lost')),
  );
}
