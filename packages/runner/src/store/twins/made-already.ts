import type { PlannedJob } from '@localize/core';
import { lookAt } from '../../content/regular-file.js';
import { adoptedFor, isOwnPrediction } from '../money/adopted.js';
import { paidAttempt } from '../money/paid-attempt.js';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';
import { finishedWith } from './finished-with.js';
import { attemptAhead } from './twins.js';

/** A job, and the fingerprint of what it asks for. */
interface Wanted {
  readonly jobId: number;
  readonly fingerprint: string;
}

/** Results that it has bought, or has taken over from sidecars: then it has no attempt. */
export function mayHaveResults(store: Store): boolean {
  const any =
    'SELECT 1 WHERE EXISTS (SELECT 1 FROM attempts) OR EXISTS (SELECT 1 FROM jobs WHERE fingerprint IS NOT NULL)';
  return prepared<[], unknown>(store, any).get() !== undefined;
}

/** Whether the state has, or is about to have, what a job asks for, so that nothing has to be bought for it. */
export function isMadeAlready(
  store: Store,
  job: PlannedJob,
  { batchId, jobId, fingerprint }: Wanted & { readonly batchId: number },
): boolean {
  return (
    hasOutput(store, fingerprint) ||
    paidAttempt(store, { id: jobId, batchId }, fingerprint) !== null ||
    isAdopted(store, job, { jobId, fingerprint }) ||
    aheadOf(store, { batchId, jobId, fingerprint }) !== null
  );
}

/** Whether a finished job, of whichever batch, has such a result on disk. */
export function hasOutput(store: Store, fingerprint: string): boolean {
  for (const { output } of finishedWith(store, fingerprint)) if (output !== null && isThere(output)) return true;
  return false;
}

/** Whether the video is there, as far as its length tells. */
export function isThere({ path, bytes }: { readonly path: string; readonly bytes: number }): boolean {
  const found = lookAt(path);
  return found.kind === 'file' && found.facts.size === bytes;
}

/** Whether such a result was paid for before the state was lost, on a route of the job. */
export function isAdopted(store: Store, { choices }: PlannedJob, { jobId, fingerprint }: Wanted): boolean {
  const adopted = adoptedFor(store, jobId, fingerprint);
  return (
    adopted !== undefined &&
    choices.some(({ route }) => route === adopted.route) &&
    !isOwnPrediction(store, adopted.provider, adopted.predictionId)
  );
}

/** The key of the job, of whichever batch, that is about to have such a result. */
export function aheadOf(
  store: Store,
  { fingerprint, ...wanted }: Wanted & { readonly batchId: number },
): string | null {
  const fingerprints = [fingerprint];
  const attemptId = attemptAhead(store, { ...wanted, fingerprints, stagingAtMs: Number.MAX_SAFE_INTEGER });
  if (attemptId === null) return null;
  const row = prepared<[string], { key: string }>(
    store,
    'SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE a.id = ?',
  ).get(attemptId);
  return row?.key ?? null;
}
