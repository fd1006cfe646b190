import { existsSync, type Stats } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ORIGINALS_FOLDER, OUTPUT_EDITED, safeFileName } from '@localize/core';
import { attemptOf, changedFields } from './changed-jobs.js';
import { modifiedMs } from './content/file-stamp.js';
import { fingerprintOf, fingerprintParts } from './content/fingerprint.js';
import { sha256File } from './content/hash-file.js';
import { isWholeOutput } from './content/whole-output.js';
import { keptPath, outputPath } from './output-paths.js';
import { isSelected, type RunContext } from './run-context.js';
import { keepAs, withKept } from './step/kept-original.js';
import { isServed, refetchPaid } from './step/paid-result.js';
import { hasResult, restoreByFingerprint } from './step/restore.js';
import { outputOf, readSidecar, sidecarPath, updateSidecar, writeSidecar } from './step/sidecar.js';
import { prepared } from './store/prepared.js';
import { isApproved } from './store/review-marks.js';
import { findRow } from './store/rows.js';
import { jobs } from './store/schema.js';
import type { JobRow } from './store/store.js';
import type { FinishedOutput } from './store/stored-types.js';

/**
 * Looks at every finished job before a run goes on: its output must still be on disk, and what it was made from must
 * still be what the manifest asks for. A missing output is fetched again from the paid prediction; a changed job keeps
 * its result until the user says `--remake`.
 */
export async function reviewFinished(context: RunContext): Promise<void> {
  for (const id of await jobsToReview(context)) {
    const job = findRow(context.store, jobs, 'WHERE id = ?', id);
    if (job?.state !== 'succeeded' || (await isChanged(context, job))) continue;
    await checkOutput(context, job);
  }
}

/**
 * The same for a job that this run has finished with what was bought before an edit: an edit that was reverted is restored
 * at once, and of another one it is told what has changed.
 */
export async function reviewFetched(context: RunContext, jobId: number): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state === 'succeeded') await isChanged(context, job);
}

interface Finished {
  readonly id: number;
  readonly key: string;
  readonly output: string | null;
  /** Whether it may have been made of something else than it is asked to be made of. */
  readonly isDoubtful: 0 | 1;
}

/** How many jobs are read, and their files looked at, before others get their turn. */
const LOOKS_AT_ONCE = 500;

/** Finished jobs that are not simply as they were left: most are, and a look at their two files is all they take. */
async function jobsToReview(context: RunContext): Promise<number[]> {
  const page = prepared<[number, number, number], Finished>(
    context.store,
    `SELECT id, key, output, as_planned = 0 OR changed IS NOT NULL OR edited = 1 AS isDoubtful FROM jobs NOT INDEXED
       WHERE id > ? AND batch_id = ? AND state = 'succeeded' AND orphaned = 0 ORDER BY id LIMIT ?`,
  );
  const toReview: number[] = [];
  for (let after = 0; ; ) {
    const finished = page.all(after, context.batchId, LOOKS_AT_ONCE);
    for (const { id, key, output, isDoubtful } of finished) {
      if (isSelected(context, key) && (isDoubtful === 1 || !isWhole(output))) toReview.push(id);
    }
    const last = finished.at(-1);
    if (last === undefined) return toReview;
    after = last.id;
    await nextTurn();
  }
}

function isWhole(text: string | null): boolean {
  return text === null || isWholeOutput(JSON.parse(text) as FinishedOutput);
}

async function isChanged(context: RunContext, job: JobRow): Promise<boolean> {
  const changed = await changedFields(context.store, context.contentIds, job, job.planned);
  if (changed.length === 0) {
    if (job.changed !== null) context.journal.patchJob(job, { changed: null, remakeWaits: false });
    return false;
  }
  const { remake, includeApproved } = context.options;
  const approved = isApproved(context.store, job);
  if ((!approved || includeApproved) && (await restoreWanted(context, job))) return true;
  const isRemade = typeof remake === 'function' ? remake(job.key) : remake;
  if (!isRemade || (approved && !includeApproved)) {
    const waitsForMoney = context.options.unmade?.get(job.key);
    context.journal.patchJob(job, { changed, remakeWaits: waitsForMoney !== undefined });
    if (waitsForMoney) context.spending.leavesRemakes = true;
    const more = { ...(approved && { approved }), ...(waitsForMoney && { waitsForMoney }) };
    context.journal.tell({ type: 'job:changed', key: job.key, fields: changed, ...more });
    return true;
  }
  await keepReplaced(context, job);
  const fresh = {
    output: null,
    fingerprint: null,
    changed: null,
    remakeWaits: false,
    attemptId: null,
    retries: 0,
    stumbles: 0,
    readyAt: 0,
  };
  context.journal.moveJob(job, 'remake', fresh);
  return true;
}

/** A reverted edit: what the manifest asks for was made before and is still there, so it costs nothing to have again. */
async function restoreWanted(context: RunContext, job: JobRow): Promise<boolean> {
  for (const choice of job.planned.choices) {
    const fingerprint = fingerprintOf(await fingerprintParts(context.contentIds, job.planned, choice));
    if (await hasResult(context, job, fingerprint)) {
      await keepReplaced(context, job);
      return restoreByFingerprint(context, job, fingerprint);
    }
    if (await isServed(context, job, fingerprint)) {
      await keepReplaced(context, job);
      return refetchPaid(context, job, fingerprint);
    }
  }
  return false;
}

async function checkOutput(context: RunContext, job: JobRow): Promise<void> {
  const { output } = job;
  if (output === null) return;
  const facts = await stat(output.path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (facts === null) {
    // The folder may have been moved with all that is in it: what its sidecars name is as good as before.
    if (job.fingerprint !== null && (await restoreByFingerprint(context, job, job.fingerprint))) return;
    const again = { readyAt: 0, stumbles: 0, edited: false };
    if (attemptOf(context.store, job)) context.journal.moveJob(job, 'refetch', again);
    else if (job.fingerprint !== null && (await refetchPaid(context, job, job.fingerprint))) return;
    // Nobody knows the prediction that it could be asked for by; never bought without a word.
    else context.journal.moveJob(job, 'hold', { holdReason: 'lost', failure: null, edited: false });
    return;
  }
  const edited = await isEdited(output, facts);
  if (edited && (await takeOwn(context, job, output.path))) return;
  if (edited !== job.edited) context.journal.patchJob(job, { edited });
  if (edited) {
    context.journal.tell({ type: 'problem', key: job.key, message: `${OUTPUT_EDITED.words}: ${output.path}` });
    return;
  }
  await mendSidecar(context, job, output);
  context.toFinish.push(job.id);
}

/** Bytes are compared only where size or time give a reason to: a batch may have thousands of videos. */
async function isEdited(output: FinishedOutput, facts: Stats): Promise<boolean> {
  if (facts.size !== output.bytes) return true;
  if (output.modifiedMs === undefined || modifiedMs(facts) === output.modifiedMs) return false;
  return (await sha256File(output.path)) !== output.sha256;
}

/** A kill may come between a new deliverable and the state: its sidecar, written before it, says that it is ours. */
async function takeOwn(context: RunContext, job: JobRow, path: string): Promise<boolean> {
  const sidecar = await readSidecar(sidecarPath(path));
  if (sidecar?.fingerprint !== job.fingerprint || sidecar.finish === undefined) return false;
  if ((await sha256File(path)) !== sidecar.sha256) return false;
  const output = outputOf(path, sidecar);
  context.journal.patchJob(job, { output });
  context.toFinish.push(job.id);
  return true;
}

/** A sidecar is what a lost state is rebuilt from: one that is gone is written again. */
async function mendSidecar(context: RunContext, job: JobRow, output: FinishedOutput): Promise<void> {
  const isThere = await stat(sidecarPath(output.path)).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const attempt = attemptOf(context.store, job);
  if (attempt === undefined) return;
  const choice = job.planned.choices.find((each) => each.route === attempt.route);
  const facts = { emulated: context.plan.emulate, estimate: choice?.estimate ?? null };
  await writeSidecar(output, job, attempt, facts);
}

/**
 * Old outputs are kept: reverting the edit brings them back, unpaid. One stays where it is too until the new one takes its
 * place: the create may have to wait for money, or come to nothing.
 */
async function keepReplaced(context: RunContext, job: JobRow): Promise<void> {
  const { path = null } = job.output ?? {};
  if (path === null || !existsSync(path)) return;
  const { output, fingerprint } = await lyingAt(path, job);
  if (output === null) return;
  const place = relative(context.folder, path).replaceAll(/[\\/]/g, '__');
  const name = safeFileName(`${fingerprint?.slice(0, 12) ?? 'old'}.${place}`);
  const target = join(context.folder, 'replaced', name);
  await keepAs(output.path, target);
  const original = join(context.folder, ORIGINALS_FOLDER, 'replaced', name);
  await updateSidecar(await withKept({ ...output, path: target }, keptPath(output), original), { from: output.path });
  if (output.path !== outputPath(context.folder, job.planned.output)) await removeOutput(output);
  // The new video keeps none that would take its place.
  else if (job.planned.finish?.audio !== 'track') await removeKept(output);
}

/** Where an older copy of the state was put back, it may be a later re-make: that must not take the place of what it replaced. */
async function lyingAt(path: string, job: JobRow): Promise<Pick<JobRow, 'output' | 'fingerprint'>> {
  const sidecar = await readSidecar(sidecarPath(path));
  if (sidecar === null || sidecar.fingerprint === job.fingerprint) return job;
  return { output: outputOf(path, sidecar), fingerprint: sidecar.fingerprint };
}

/** Nothing will take its place: the manifest names the video otherwise now. */
async function removeOutput(output: FinishedOutput): Promise<void> {
  const { path } = output;
  for (const each of [path, sidecarPath(path), `${path}.part`]) await rm(each, { force: true });
  await removeKept(output);
}

async function removeKept(output: FinishedOutput): Promise<void> {
  const kept = keptPath(output);
  if (kept !== null) await rm(kept, { force: true });
}
