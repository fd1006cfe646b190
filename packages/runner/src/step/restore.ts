import { copyFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fingerprintOf } from '../content/fingerprint.js';
import { sha256File } from '../content/hash-file.js';
import { mayBeRead } from '../content/if-readable.js';
import { plannedParts } from '../content/planned-parts.js';
import { lookAt } from '../content/regular-file.js';
import { outputOf, type Sidecar, updateSidecar } from '../content/sidecar.js';
import { faultOfOne } from '../machine-fault.js';
import { makeFolder } from '../output/make-folder.js';
import { keptPath, originalPath, outputPath } from '../output/output-paths.js';
import { obstacleAt } from '../output/output-place.js';
import type { RunContext } from '../run-context.js';
import { countAdopted, isInBooks, learnFromAdopted } from '../store/money/adopted.js';
import { priceUnknown } from '../store/money/expected-prices.js';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import type { JobRow } from '../store/store.js';
import { finishedWith } from '../store/twins/finished-with.js';
import { isThere } from '../store/twins/made-already.js';
import { withKept } from './kept-original.js';
import { makeWay } from './make-way.js';
import { StagingFailure } from './staging-failure.js';

/**
 * Looks for a finished result with the same fingerprint before anything is bought: in any batch of this state, then in
 * the sidecars under the output folder. What is found is checked against its recorded SHA-256 and copied into place, where
 * no obstacle is. What may not be read is passed over.
 * @returns whether the job is done by it.
 * @throws StagingFailure where it cannot be put
 */
export async function restoreByFingerprint(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  const target = outputPath(context.folder, job.planned.output);
  const original = originalPath(context.folder, job.planned.output);
  const { journal } = context;
  for await (const { output: known, attemptId, sidecar } of candidates(context, job, fingerprint)) {
    if (obstacleAt(context.folder, target) !== null) return false;
    const output = await copied(context, known, target, { original, job: job.key });
    if (output === null) continue;
    const made = { output, fingerprint, attemptId };
    const patch = { ...made, changed: null, edited: false, failure: null, standing: null };
    journal.transact(() => {
      if (sidecar !== null) countPaid(context, job, sidecar);
      if (sidecar !== null) takeBackLost(context, job, sidecar);
      journal.moveJob(job, 'restore', patch);
      journal.note('taken', { jobId: job.id, data: takenFrom(known, sidecar) });
    });
    context.finished.toFinish.push(job.id);
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

/** Whose result it is, for the job's history. */
function takenFrom({ path }: FinishedOutput, sidecar: Sidecar | null) {
  if (sidecar === null) return { from: path };
  const { job, route, prediction_id: predictionId, cost_usd: costUsd, made_at: madeAt } = sidecar;
  return { from: path, job, route, predictionId, costUsd, madeAt };
}

/** A result that counts as lost and lies here after all, since a kill came between its file and its row, is lost no more. */
function takeBackLost({ store, journal }: RunContext, job: JobRow, { prediction_id: id }: Sidecar): void {
  const lost =
    id === null
      ? undefined
      : findRow(store, attempts, `WHERE job_id = ? AND prediction_id = ? AND state = 'lost'`, job.id, id);
  if (lost !== undefined) journal.moveAttempt(lost, 'complete', { failure: null });
}

/** Counts what was paid before this state for the result of a job. The caller holds the transaction. */
function countPaid({ store, clock, plan }: RunContext, job: JobRow, sidecar: Sidecar): void {
  if (isInBooks(store, sidecar)) return;
  const isUnpriced = countAdopted(store, job.id, sidecar, clock.wallMs());
  if (isUnpriced) priceUnknown(store, plan.prices);
  learnFromAdopted(store, job.planned, sidecar, clock.wallMs());
}

/**
 * Keeps what sidecars tell of a result that a job asks for and whose video is no good any more: it is paid for, and the
 * next run fetches it by its prediction instead of buying it.
 * @returns whether there is one
 * @throws StagingFailure
 */
export async function rememberPaid(context: RunContext, job: JobRow): Promise<boolean> {
  const known = await context.resultsOnDisk();
  for (const choice of job.planned.choices) {
    const fingerprint = fingerprintOf((await plannedParts(context, job.planned, choice)).parts);
    const paid = known.get(fingerprint)?.find(({ sidecar }) => sidecar.prediction_id !== null);
    if (paid === undefined) continue;
    context.journal.transact(() => countPaid(context, job, paid.sidecar));
    return true;
  }
  return false;
}

/** Whether a checked result with this fingerprint is there to be used again. */
export async function hasResult(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  for await (const { output } of candidates(context, job, fingerprint)) {
    if ((await isReadable(output)) && (await sha256File(output.path)) === output.sha256) return true;
  }
  return false;
}

/**
 * Why nothing is to be bought for a job: what was made of the very same may lie where nobody may read it.
 * @returns `null`: it does not
 */
export async function whyUnread(context: RunContext, job: JobRow, fingerprint: string): Promise<string | null> {
  for await (const { output } of candidates(context, job, fingerprint)) {
    const { kind } = lookAt(output.path);
    if (kind === 'hidden' || (isThere(output) && !(await isReadable(output))))
      return `${output.path} may be what is asked for, and may not be read (permission denied): give the right to read it`;
  }
  return null;
}

interface RestoreCandidate {
  readonly output: FinishedOutput;
  /** The attempt that made it, so that a deleted copy can be fetched again; `null` when the state does not know it. */
  readonly attemptId: string | null;
  /** Where it was found by one. */
  readonly sidecar: Sidecar | null;
}

/** Read as far as they are asked for: of thousands of jobs that are made of the same the first may do. */
async function* candidates(context: RunContext, job: JobRow, fingerprint: string): AsyncGenerator<RestoreCandidate> {
  for (const { id, output, attemptId } of finishedWith(context.store, fingerprint))
    if (output && id !== job.id) yield { output, attemptId, sidecar: null };
  const onDisk = (await context.resultsOnDisk()).get(fingerprint) ?? [];
  const attemptId = onDisk.length === 0 ? null : ownAttempt(context, job, fingerprint);
  for (const { path, sidecar } of onDisk) yield { output: outputOf(path, sidecar), attemptId, sidecar };
}

/** The job's own attempt that made such a result: an edit was reverted. */
function ownAttempt({ store }: RunContext, job: JobRow, fingerprint: string): string | null {
  const made = prepared<[number, string], { id: string }>(
    store,
    `SELECT id FROM attempts WHERE job_id = ? AND fingerprint = ? AND state = 'completed' ORDER BY rowid DESC LIMIT 1`,
  ).get(job.id, fingerprint);
  return made?.id ?? null;
}

/** Whether it is there, as far as its length tells, and may be read. */
async function isReadable(output: FinishedOutput): Promise<boolean> {
  return isThere(output) && (await mayBeRead(output.path));
}

/** @throws StagingFailure where the job's own place takes no file */
async function copied(context: RunContext, ...about: Copying): Promise<FinishedOutput | null> {
  try {
    return await copyVerified(context, ...about);
  } catch (error) {
    const message = await faultOfOne(context, error);
    if (message === null) throw error;
    throw new StagingFailure({ kind: 'storage', message }, 'place-taken', true);
  }
}

type Copying = [from: FinishedOutput, to: string, of: { original: string; job: string }];

async function copyVerified(
  context: RunContext,
  ...[from, to, { original, job }]: Copying
): Promise<FinishedOutput | null> {
  if (!(await isReadable(from))) return null;
  if (from.path === to) return (await sha256File(to)) === from.sha256 ? from : null;
  makeFolder(dirname(to));
  await copyFile(from.path, `${to}.part`);
  if ((await sha256File(`${to}.part`)) !== from.sha256) return null;
  await makeWay(context, job, { ...from, path: to });
  await rename(`${to}.part`, to);
  const output = await withKept({ ...from, path: to }, keptPath(from), original);
  await updateSidecar(output, { from: from.path, job });
  return output;
}
