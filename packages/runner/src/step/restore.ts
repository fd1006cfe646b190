import { copyFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fingerprintOf } from '../content/fingerprint.js';
import { sha256File } from '../content/hash-file.js';
import { makeFolder } from '../make-folder.js';
import { keptPath, originalPath, outputPath } from '../output-paths.js';
import type { RunContext } from '../run-context.js';
import { countAdopted } from '../store/adopted.js';
import { priceUnknown } from '../store/expected-prices.js';
import { prepared } from '../store/prepared.js';
import { findRows } from '../store/rows.js';
import { jobs } from '../store/schema.js';
import type { JobRow } from '../store/store.js';
import type { FinishedOutput } from '../store/stored-types.js';
import { withKept } from './kept-original.js';
import { plannedParts } from './planned-parts.js';
import { outputOf, type Sidecar, updateSidecar } from './sidecar.js';

/**
 * Looks for a finished result with the same fingerprint before anything is bought: in any batch of this state, then in
 * the sidecars under the output folder. What is found is checked against its recorded SHA-256 and copied into place.
 * @returns whether the job is done by it.
 */
export async function restoreByFingerprint(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  const target = outputPath(context.folder, job.planned.output);
  const original = originalPath(context.folder, job.planned.output);
  const { journal, store, clock } = context;
  for (const { output: known, attemptId, sidecar } of await candidates(context, job, fingerprint)) {
    const output = await copyVerified(known, target, { original, job: job.key });
    if (output === null) continue;
    const patch = { output, fingerprint, changed: null, attemptId, failure: null };
    journal.transact(() => {
      const isUnpriced = sidecar !== null && countAdopted(store, job.id, sidecar, clock.wallMs());
      if (isUnpriced) priceUnknown(store, context.plan.prices);
      journal.moveJob(job, 'restore', patch);
    });
    context.toFinish.push(job.id);
    context.delivering.waiting.push(job.id);
    return true;
  }
  return false;
}

/** The same for whichever of a job's routes a result was made on. @throws StagingFailure */
export async function restoreAnyChoice(context: RunContext, job: JobRow): Promise<boolean> {
  for (const choice of job.planned.choices) {
    const { parts } = await plannedParts(context, job.planned, choice);
    if (await restoreByFingerprint(context, job, fingerprintOf(parts))) return true;
  }
  return false;
}

/** Whether a checked result with this fingerprint is there to be used again. */
export async function hasResult(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  for (const { output } of await candidates(context, job, fingerprint)) {
    const facts = await stat(output.path).catch(() => null);
    if (facts?.size === output.bytes && (await sha256File(output.path)) === output.sha256) return true;
  }
  return false;
}

interface RestoreCandidate {
  readonly output: FinishedOutput;
  /** The attempt that made it, so that a deleted copy can be fetched again; `null` when the state does not know it. */
  readonly attemptId: string | null;
  /** Where it was found by one. */
  readonly sidecar: Sidecar | null;
}

async function candidates(context: RunContext, job: JobRow, fingerprint: string): Promise<RestoreCandidate[]> {
  const isTwin = `WHERE fingerprint = ? AND state = 'succeeded' AND id <> ?`;
  const twins = findRows(context.store, jobs, isTwin, fingerprint, job.id).flatMap(({ output, attemptId }) =>
    output ? [{ output, attemptId, sidecar: null }] : [],
  );
  const onDisk = (await context.resultsOnDisk()).get(fingerprint) ?? [];
  const made = onDisk.length === 0 ? null : ownAttempt(context, job, fingerprint);
  return [
    ...twins,
    ...onDisk.map(({ path, sidecar }) => ({ output: outputOf(path, sidecar), attemptId: made, sidecar })),
  ];
}

/** The job's own attempt that made such a result: an edit was reverted. */
function ownAttempt({ store }: RunContext, job: JobRow, fingerprint: string): string | null {
  const made = prepared<[number, string], { id: string }>(
    store,
    `SELECT id FROM attempts WHERE job_id = ? AND fingerprint = ? AND state = 'completed' ORDER BY rowid DESC LIMIT 1`,
  ).get(job.id, fingerprint);
  return made?.id ?? null;
}

async function copyVerified(
  from: FinishedOutput,
  to: string,
  { original, job }: { original: string; job: string },
): Promise<FinishedOutput | null> {
  const facts = await stat(from.path).catch(() => null);
  if (facts?.size !== from.bytes) return null;
  if (from.path === to) return (await sha256File(to)) === from.sha256 ? from : null;
  makeFolder(dirname(to));
  await copyFile(from.path, `${to}.part`);
  if ((await sha256File(`${to}.part`)) !== from.sha256) return null;
  await rename(`${to}.part`, to);
  const output = await withKept({ ...from, path: to }, keptPath(from), original);
  await updateSidecar(output, { from: from.path, job });
  return output;
}
