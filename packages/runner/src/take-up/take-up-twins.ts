import { ContentClues } from '../content/content-clues.js';
import { ifReadable } from '../content/if-readable.js';
import type { RunContext } from '../run-context.js';
import { sourcesOf } from '../step/planned-parts.js';
import { restoreAnyChoice } from '../step/restore.js';
import { StagingFailure } from '../step/staging-failure.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema.js';
import { selectedJobs } from './selected-jobs.js';

/**
 * Takes up results of others that are made of the very same, for jobs that the budget has no room for: they cost nothing.
 * Only contents that may be known already are compared, since thousands of files may wait for money.
 * @returns whether a job was done by it
 */
export async function takeUpTwins(context: RunContext): Promise<boolean> {
  const clues = new ContentClues(context.store);
  let isAny = false;
  for await (const { id } of selectedJobs(context, ['pending'])) isAny = (await takeTwin(context, clues, id)) || isAny;
  return isAny;
}

async function takeTwin(context: RunContext, clues: ContentClues, jobId: number): Promise<boolean> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'pending') return false;
  for (const source of sourcesOf(job.planned)) if (!(await ifReadable(clues.isMaybeKnown(source)))) return false;
  return restoreAnyChoice(context, job).catch((error: unknown) => {
    if (error instanceof StagingFailure) return false;
    throw error;
  });
}
