import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OUTPUT_EDITED } from '@localize/core';
import { attemptOf, changedFields } from './changed-jobs.js';
import { isEdited, ownDeliverable } from './content/edited-output.js';
import { fingerprintOf, fingerprintParts } from './content/fingerprint.js';
import { isReplaced, lyingAt } from './content/lying-output.js';
import { lookAt } from './content/regular-file.js';
import { isWholeOutput } from './content/whole-output.js';
import { faultOfOne } from './machine-fault.js';
import { keptPath, outputPath } from './output-paths.js';
import { isSelected, type RunContext } from './run-context.js';
import { keepVersion } from './step/make-way.js';
import { isServed, refetchPaid } from './step/paid-result.js';
import { hasResult, restoreByFingerprint } from './step/restore.js';
import { sidecarPath, writeSidecar } from './step/sidecar.js';
import { StagingFailure } from './step/staging-failure.js';
import { paidAttempt } from './store/paid-attempt.js';
import { prepared } from './store/prepared.js';
import { isApproved } from './store/review-marks.js';
import { findRow } from './store/rows.js';
import { jobs } from './store/schema.js';
import type { JobRow } from './store/store.js';
import type { FinishedOutput, StandingVideo } from './store/stored-types.js';

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
      else if (await isChanged(context, job)) await fetchMissing(context, id);
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
    await isChanged(context, job);
  });
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
      if (isDoubtful === 1 || (isSelected(context, key) && !isWhole(output))) toReview.push(id);
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
  // Told below, and left alone: nothing is bought, nor put in its place.
  if (await isReplaced(job)) return false;
  const { remake, includeApproved } = context.options;
  const approved = isApproved(context.store, job);
  if ((!approved || includeApproved) && (await restoreWanted(context, job))) return true;
  const isRemade = typeof remake === 'function' ? remake(job.key) : remake;
  if (!isRemade || (approved && !includeApproved)) {
    const waitsForMoney = context.options.left?.get(job.key);
    context.journal.patchJob(job, { changed, remakeWaits: waitsForMoney !== undefined });
    if (waitsForMoney) context.spending.leavesJobs = true;
    const more = { ...(approved && { approved }), ...(waitsForMoney && { waitsForMoney }) };
    context.journal.tell({ type: 'job:changed', key: job.key, fields: changed, ...more });
    return true;
  }
  // Where its video cannot be kept it stays as it is, which is told, and nothing is bought.
  context.notRemade.add(job.key);
  context.journal.patchJob(job, { changed, remakeWaits: false });
  const kept = await keepReplaced(context, job);
  context.notRemade.delete(job.key);
  const fresh = {
    standing: kept && approved ? { ...kept, despiteApproval: true as const } : kept,
    output: null,
    fingerprint: null,
    changed: null,
    edited: false,
    remakeWaits: false,
    attemptId: null,
    retries: 0,
    stumbles: 0,
    readyAt: 0,
  };
  context.journal.moveJob(job, 'remake', fresh);
  return true;
}

/**
 * Of a job that this run is not about it is written down how it differs, and nothing is done: reports tell of the whole
 * batch. What was paid for before is no difference that costs anything.
 */
async function noteChanged(context: RunContext, job: JobRow): Promise<void> {
  const fields = await changedFields(context.store, context.contentIds, job, job.planned);
  if (fields.length > 0 && (await isReplaced(job))) return;
  const changed = fields.length === 0 || (await isPaidFor(context, job)) ? null : fields;
  if (changed === null && job.changed === null) return;
  context.journal.patchJob(job, { changed, ...(changed === null && { remakeWaits: false }) });
}

/** Whether a run takes what the manifest asks for, or fetches it, instead of buying it. */
async function isPaidFor(context: RunContext, job: JobRow): Promise<boolean> {
  for (const choice of job.planned.choices) {
    const fingerprint = fingerprintOf(await fingerprintParts(context.contentIds, job.planned, choice));
    if (paidAttempt(context.store, job, fingerprint) !== null) return true;
    if (await hasResult(context, job, fingerprint)) return true;
  }
  return false;
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
  const found = lookAt(output.path);
  if (found.kind === 'nothing') {
    // The folder may have been moved with all that is in it: what its sidecars name is as good as before.
    if (job.fingerprint !== null && (await restoreByFingerprint(context, job, job.fingerprint))) return;
    const again = { readyAt: 0, stumbles: 0, edited: false };
    if (attemptOf(context.store, job)) context.journal.moveJob(job, 'refetch', again);
    else if (job.fingerprint !== null && (await refetchPaid(context, job, job.fingerprint))) return;
    // Nobody knows the prediction that it could be asked for by; never bought without a word.
    else context.journal.moveJob(job, 'hold', { holdReason: 'lost', failure: null, edited: false });
    return;
  }
  if (found.kind !== 'file') {
    // Where nobody can look, the video may be what it was.
    if (found.kind === 'no file' && !job.edited) context.journal.patchJob(job, { edited: true });
    const message = `${found.words}; it is left alone: move it away or mend it, then run again`;
    context.journal.tell({ type: 'problem', key: job.key, message });
    return;
  }
  const edited = await isEdited(output, found.facts);
  if (edited && (await takeOwn(context, job, output.path))) return;
  if (edited !== job.edited) context.journal.patchJob(job, { edited });
  if (edited) {
    context.journal.tell({ type: 'problem', key: job.key, message: `${OUTPUT_EDITED.words}: ${output.path}` });
    return;
  }
  await mendSidecar(context, job, output);
  context.toFinish.push(job.id);
}

/** A changed job that is left as it is has its video again too where that was deleted. */
async function fetchMissing(context: RunContext, id: number): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', id);
  if (job?.state !== 'succeeded' || job.output === null || lookAt(job.output.path).kind !== 'nothing') return;
  await checkOutput(context, job);
  // What was found on disk is of before the edit as well.
  const after = findRow(context.store, jobs, 'WHERE id = ?', id);
  if (after?.state === 'succeeded') context.journal.patchJob(after, { changed: job.changed });
}

/** A deliverable that a kill kept from the state is taken over. */
async function takeOwn(context: RunContext, job: JobRow, path: string): Promise<boolean> {
  const output = await ownDeliverable(job, path);
  if (output === null) return false;
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
  try {
    await writeSidecar(output, job, attempt, facts);
  } catch (error) {
    const why = await faultOfOne(context, error);
    if (why === null) throw error;
    const message = `its sidecar cannot be written: ${why}`;
    context.journal.tell({ type: 'problem', key: job.key, message });
  }
}

/**
 * Old outputs are kept: reverting the edit brings them back, unpaid. One stays where it is too until the new one takes its
 * place: the create may have to wait for money, or come to nothing.
 * @returns what stays of it for readers; `null`: nothing
 */
async function keepReplaced(context: RunContext, job: JobRow): Promise<StandingVideo | null> {
  const { path = null } = job.output ?? {};
  if (path === null || !existsSync(path)) return null;
  const { output, fingerprint } = await lyingAt(path, job);
  if (output === null) return null;
  const kept = await keepVersion(context, output, fingerprint ?? 'old');
  const attemptId = fingerprint === job.fingerprint ? job.attemptId : null;
  if (output.path !== outputPath(context.folder, job.planned.output)) {
    await removeOutput(output);
    return { output: { ...output, path: kept }, fingerprint, attemptId };
  }
  // The new video keeps none that would take its place.
  if (job.planned.finish?.audio !== 'track') await removeKept(output);
  return { output, fingerprint, attemptId };
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
