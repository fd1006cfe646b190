import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AssetSource, JobState } from '@localize/core';
import { sha256File } from './content/hash-file.js';
import { outputPath } from './output-paths.js';
import type { RunContext } from './run-context.js';
import { sourcesOf } from './step/planned-parts.js';
import { restoreAnyChoice } from './step/restore.js';
import { outputOf, readSidecar, type Sidecar, sidecarPath } from './step/sidecar.js';
import { StagingFailure } from './step/staging-failure.js';
import { hasUnfinishedJob } from './store/backlog.js';
import { openAttempt } from './store/open-attempt.js';
import { prepared } from './store/prepared.js';
import { findRow } from './store/rows.js';
import { attempts, fileHashes, jobs } from './store/schema.js';
import type { JobRow, Store } from './store/store.js';

/** How many jobs are read, and their files looked at, before others get their turn. */
const LOOKS_AT_ONCE = 500;

/**
 * Takes up what already lies where a job's output belongs, after a lost state, or when an edit is reverted whose re-make
 * came to nothing: before the budget is asked, since what is there costs nothing, and before finished jobs are reviewed,
 * since what the manifest asks for may have changed too.
 */
export async function takeUpOutputs(context: RunContext): Promise<void> {
  if (!hasUnfinishedJob(context) || !existsSync(context.folder)) return;
  for await (const { id, output } of selectedJobs(context, ['pending', 'failed', 'canceled', 'held'])) {
    const path = outputPath(context.folder, output);
    if (existsSync(sidecarPath(path))) await takeUp(context, id, path);
  }
}

/** Jobs of this run in some states, a page at a time, until the user stops it. */
async function* selectedJobs(context: RunContext, states: readonly JobState[]) {
  const page = prepared<[number, number, number], { id: number; output: string }>(
    context.store,
    `SELECT id, planned ->> 'output' AS output FROM jobs NOT INDEXED
       WHERE id > ? AND batch_id = ? AND state IN (${states.map((state) => `'${state}'`).join(', ')})
         AND id IN (SELECT job_id FROM temp.selected)
       ORDER BY id LIMIT ?`,
  );
  for (let after = 0; !context.options.stop?.aborted; ) {
    const found = page.all(after, context.batchId, LOOKS_AT_ONCE);
    yield* found;
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.id;
    await nextTurn();
  }
}

async function takeUp(context: RunContext, jobId: number, path: string): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  // What is bought for it is settled first.
  if (job === undefined || openAttempt(context.store, job) !== undefined) return;
  try {
    if (await restoreAnyChoice(context, job)) return;
    if (job.state === 'pending') await takeFormer(context, job, path);
  } catch (error) {
    // Staging says what is wrong with its sources.
    if (!(error instanceof StagingFailure)) throw error;
  }
}

/**
 * The job's own result of something else than is asked for now. It is a finished job of an edited manifest, like any that
 * the state knows: kept until the user says that it is to be made again.
 */
async function takeFormer(context: RunContext, job: JobRow, path: string): Promise<void> {
  const { store, journal, plan } = context;
  if (findRow(store, attempts, 'WHERE job_id = ?', job.id) !== undefined) return;
  const sidecar = await readSidecar(sidecarPath(path));
  if (sidecar === null || sidecar.job !== job.key || sidecar.emulated !== plan.emulate) return;
  if (!(await isOf(path, sidecar))) return;
  const { fingerprint } = sidecar;
  journal.moveJob(job, 'restore', { output: outputOf(path, sidecar), fingerprint, attemptId: null, failure: null });
}

async function isOf(path: string, { sha256 }: Sidecar): Promise<boolean> {
  return existsSync(path) && (await sha256File(path)) === sha256;
}

/**
 * Takes up results of others that are made of the very same, for jobs that the budget has no room for: they cost nothing.
 * Only contents that are known already are compared, since thousands of files may wait for money.
 * @returns whether a job was done by it
 */
export async function takeUpTwins(context: RunContext): Promise<boolean> {
  let isAny = false;
  for await (const { id } of selectedJobs(context, ['pending'])) isAny = (await takeTwin(context, id)) || isAny;
  return isAny;
}

async function takeTwin(context: RunContext, jobId: number): Promise<boolean> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'pending' || !sourcesOf(job.planned).every((source) => isKnown(context.store, source)))
    return false;
  return restoreAnyChoice(context, job).catch((error: unknown) => {
    if (error instanceof StagingFailure) return false;
    throw error;
  });
}

function isKnown(store: Store, source: AssetSource): boolean {
  return source.kind === 'url' || findRow(store, fileHashes, 'WHERE path = ?', source.path) !== undefined;
}
