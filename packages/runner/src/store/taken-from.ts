import type { TakenFrom } from '@localize/core';
import { prepared } from './prepared.js';
import type { JobRow, Store, ToldAttempt } from './store.js';

/**
 * Where a finished job has its video from, if nothing was bought for it: another job's result with the same fingerprint,
 * or one that lay on the disk.
 * @param own the job's own attempts
 * @param isCounted whether an adopted result is counted among what was paid for this job
 */
export function takenFrom(
  store: Store,
  job: JobRow,
  { own, isCounted }: { readonly own: readonly ToldAttempt[]; readonly isCounted: boolean },
): TakenFrom | null {
  if (job.state !== 'succeeded') return null;
  const isOwn = job.attemptId === null ? isCounted : own.some(({ id }) => id === job.attemptId);
  if (isOwn) return null;
  const restored = prepared<[number], { atMs: number; runId: string | null }>(
    store,
    `SELECT at AS atMs, run_id AS runId FROM history
       WHERE job_id = ? AND kind = 'job' AND json_extract(data, '$.event') = 'restore' ORDER BY id DESC LIMIT 1`,
  ).get(job.id);
  const maker = job.attemptId === null ? undefined : makerOf(store, job.attemptId);
  return {
    job: maker ? { batch: maker.batch, key: maker.key } : null,
    route: maker?.route ?? null,
    atMs: restored?.atMs ?? null,
    runId: restored?.runId ?? null,
  };
}

function makerOf(store: Store, attemptId: string) {
  return prepared<[string], { batch: string; key: string; route: string }>(
    store,
    `SELECT b.name AS batch, j.key, a.route FROM attempts a JOIN jobs j ON j.id = a.job_id
       JOIN batches b ON b.id = j.batch_id WHERE a.id = ?`,
  ).get(attemptId);
}
