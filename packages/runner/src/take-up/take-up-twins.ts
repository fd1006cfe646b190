import { ContentClues } from '../content/content-clues.js';
import { fingerprintOf } from '../content/fingerprint.js';
import { ifReadable } from '../content/if-readable.js';
import { plannedParts, sourcesOf } from '../content/planned-parts.js';
import type { RunContext } from '../run-context.js';
import { awaitTwin } from '../start/twins.js';
import { refetchPaid } from '../step/paid-result.js';
import { restoreAnyChoice } from '../step/restore.js';
import { StagingFailure } from '../step/staging-failure.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { attemptAhead } from '../store/twins/twins.js';
import { selectedJobs } from './selected-jobs.js';

/**
 * Takes up what others have paid for that is made of the very same, for jobs that wait, since it costs nothing: a video on
 * disk, one that is still at its provider, or one that is being made, which they wait for from then on. Only contents that
 * may be known already are compared, since thousands of files may wait for money. No job may be claimed meanwhile.
 * @param which ids of jobs
 * @returns whether a job was served, or is about to be
 */
export async function takeUpTwins(context: RunContext, which: 'all' | readonly number[]): Promise<boolean> {
  const clues = new ContentClues(context.store);
  let isAny = false;
  for await (const id of which === 'all' ? pendingIds(context) : which)
    isAny = (await takeTwin(context, clues, id)) || isAny;
  return isAny;
}

async function* pendingIds(context: RunContext) {
  for await (const { id } of selectedJobs(context, ['pending'])) yield id;
}

async function takeTwin(context: RunContext, clues: ContentClues, jobId: number): Promise<boolean> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'pending') return false;
  for (const source of sourcesOf(job.planned)) if (!(await ifReadable(clues.isMaybeKnown(source)))) return false;
  return takeFree(context, job).catch((error: unknown) => {
    if (error instanceof StagingFailure) return false;
    throw error;
  });
}

async function takeFree(context: RunContext, job: JobRow): Promise<boolean> {
  if (await restoreAnyChoice(context, job)) return true;
  const fingerprints: string[] = [];
  for (const choice of job.planned.choices) {
    fingerprints.push(fingerprintOf((await plannedParts(context, job.planned, choice)).parts));
  }
  for (const each of fingerprints) if (await refetchPaid(context, job, each)) return true;
  return waitsForAnother(context, job, fingerprints);
}

/** Where a result comes while this is asked, the next look takes it. */
function waitsForAnother(context: RunContext, job: JobRow, fingerprints: readonly string[]): boolean {
  const { store, batchId, journal, twins } = context;
  const choice = job.planned.choices[job.choice];
  if (choice === undefined || twins.isFull(choice.provider)) return false;
  const wanted = { batchId, jobId: job.id, fingerprints, stagingAtMs: Number.MAX_SAFE_INTEGER };
  const attemptId = attemptAhead(store, wanted);
  if (attemptId === null) return false;
  journal.transact(() => {
    journal.moveJob(job, 'stage');
    awaitTwin(context, attemptId, { jobId: job.id, choice });
  }, 'kill');
  return true;
}
