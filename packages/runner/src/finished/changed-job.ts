import { fingerprintsOf } from '../content/fingerprint.js';
import { isReplaced } from '../content/lying-output.js';
import { changedFields } from '../foresee/changed-jobs.js';
import type { RunContext } from '../run-context.js';
import { isServed, refetchPaid } from '../step/paid-result.js';
import { hasResult, restoreByFingerprint } from '../step/restore.js';
import { paidAttempt } from '../store/money/paid-attempt.js';
import { isApproved } from '../store/review/review-marks.js';
import type { JobRow } from '../store/store.js';
import { keepReplaced } from './keep-replaced.js';

/**
 * Does what this run was told about a finished job that is wanted differently now: an edit that was reverted is restored,
 * and else it is made again on the user's word alone.
 * @returns whether it is wanted differently, and its file may be dealt with as its own
 */
export async function treatChange(context: RunContext, job: JobRow): Promise<boolean> {
  const fields = await changedFields(context.store, context.contentIds, job, job.planned);
  if (fields.length === 0) {
    if (job.changed !== null) context.journal.patchJob(job, { changed: null, remakeWaits: false });
    return false;
  }
  // Told where its file is looked at, and left alone: nothing is bought, nor put in its place.
  if (await isReplaced(job)) return false;
  const approved = isApproved(context.store, job);
  const isSpared = approved && !context.options.includeApproved;
  if (!isSpared && (await restoreWanted(context, job))) return true;
  const change = { fields, approved };
  if (!isSpared && isRemade(context, job)) await makeAgain(context, job, change);
  else leaveAsItIs(context, job, change);
  return true;
}

interface Change {
  readonly fields: string[];
  readonly approved: boolean;
}

function isRemade({ options: { remake } }: RunContext, { key }: JobRow): boolean {
  return (typeof remake === 'function' ? remake(key) : remake) ?? false;
}

function leaveAsItIs(context: RunContext, job: JobRow, { fields, approved }: Change): void {
  const waitsForMoney = context.options.left?.get(job.key);
  context.journal.patchJob(job, { changed: fields, remakeWaits: waitsForMoney !== undefined });
  if (waitsForMoney) context.spending.leavesJobs = true;
  const more = { ...(approved && { approved }), ...(waitsForMoney && { waitsForMoney }) };
  context.journal.tell({ type: 'job:changed', key: job.key, fields, ...more });
}

/** Where its video cannot be kept it stays as it is, which is told, and nothing is bought. */
async function makeAgain(context: RunContext, job: JobRow, { fields, approved }: Change): Promise<void> {
  context.finished.notRemade.add(job.key);
  context.journal.patchJob(job, { changed: fields, remakeWaits: false });
  const kept = await keepReplaced(context, job);
  context.finished.notRemade.delete(job.key);
  context.journal.moveJob(job, 'remake', {
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
  });
}

/**
 * Of a job that this run is not about it is written down how it differs, and nothing is done: reports tell of the whole
 * batch. What was paid for before is no difference that costs anything.
 */
export async function noteChanged(context: RunContext, job: JobRow): Promise<void> {
  const fields = await changedFields(context.store, context.contentIds, job, job.planned);
  if (fields.length > 0 && (await isReplaced(job))) return;
  const changed = fields.length === 0 || (await isPaidFor(context, job)) ? null : fields;
  if (changed === null && job.changed === null) return;
  context.journal.patchJob(job, { changed, ...(changed === null && { remakeWaits: false }) });
}

/** Whether a run takes what the manifest asks for, or fetches it, instead of buying it. */
async function isPaidFor(context: RunContext, job: JobRow): Promise<boolean> {
  for (const fingerprint of await fingerprintsOf(context.contentIds, job.planned)) {
    if (paidAttempt(context.store, job, fingerprint) !== null) return true;
    if (await hasResult(context, job, fingerprint)) return true;
  }
  return false;
}

/** A reverted edit: what the manifest asks for was made before and is still there, so it costs nothing to have again. */
async function restoreWanted(context: RunContext, job: JobRow): Promise<boolean> {
  for (const fingerprint of await fingerprintsOf(context.contentIds, job.planned)) {
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
