import { stat } from 'node:fs/promises';
import { OUTPUT_EDITED } from '@localize/core';
import { isEdited, ownDeliverable } from '../content/edited-output.js';
import { lookAt } from '../content/regular-file.js';
import { sidecarPath, writeSidecar } from '../content/sidecar.js';
import { attemptOf } from '../foresee/changed-jobs.js';
import { faultOfOne } from '../machine-fault.js';
import type { RunContext } from '../run-context.js';
import { refetchPaid } from '../step/paid-result.js';
import { restoreByFingerprint } from '../step/restore.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import type { JobRow } from '../store/store.js';

/** Looks at a finished video's file: one that is gone is fetched again, never bought; one that is another's is left alone. */
export async function checkOutput(context: RunContext, job: JobRow): Promise<void> {
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
  context.finished.toFinish.push(job.id);
}

/** A changed job that is left as it is has its video again too where that was deleted. */
export async function fetchMissing(context: RunContext, id: number): Promise<void> {
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
  context.finished.toFinish.push(job.id);
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
