import type { TakenFrom } from '@localize/core';
import { prepared } from '../prepared.js';
import type { JobRow, Store, ToldAttempt } from '../store.js';

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
  const restored = lastRestore(store, job.id);
  const maker = job.attemptId === null ? undefined : makerOf(store, job.attemptId);
  return {
    job: maker ? { batch: maker.batch, key: maker.key } : null,
    route: maker?.route ?? null,
    atMs: restored?.atMs ?? null,
    runId: restored?.runId ?? null,
  };
}

/** When a job's own result was taken back from another that had it as well: its file was gone, or it had never come. */
export function takenBack(
  store: Store,
  { id, fingerprint, state, attemptId }: JobRow,
  hasTwin: HasTwin,
): Restored | null {
  if (state !== 'succeeded' || attemptId === null || fingerprint === null) return null;
  return hasTwin(fingerprint, id) ? (lastRestore(store, id) ?? null) : null;
}

/** Whether another job of the state than that one has the same fingerprint. */
export type HasTwin = (fingerprint: string, id: number) => boolean;

/** Of so many jobs of a state, or more, fingerprints are looked up in one pass through all: that takes a tenth of a look at each. */
const SHARE_FOR_ONE_PASS = 1 / 8;

/** @param jobs about how many of them will be asked for, while nothing changes */
export function twinLook(store: Store, jobs: number): HasTwin {
  const { last } = prepared<[], { last: number | null }>(store, 'SELECT max(id) AS last FROM jobs').get() ?? {};
  if (jobs < (last ?? 0) * SHARE_FOR_ONE_PASS) {
    const other = prepared<[string, number], unknown>(
      store,
      'SELECT 1 FROM jobs WHERE fingerprint = ? AND id <> ? LIMIT 1',
    );
    return (fingerprint, id) => other.get(fingerprint, id) !== undefined;
  }
  const shared = prepared<[], string>(
    store,
    'SELECT fingerprint FROM jobs WHERE fingerprint IS NOT NULL GROUP BY fingerprint HAVING count(*) > 1',
  );
  const twins = new Set(shared.pluck().all() as string[]);
  return (fingerprint) => twins.has(fingerprint);
}

interface Restored {
  readonly atMs: number;
  readonly runId: string | null;
}

function lastRestore(store: Store, jobId: number): Restored | undefined {
  return prepared<[number], Restored>(
    store,
    `SELECT at AS atMs, run_id AS runId FROM history
       WHERE job_id = ? AND kind = 'job' AND json_extract(data, '$.event') = 'restore' ORDER BY id DESC LIMIT 1`,
  ).get(jobId);
}

function makerOf(store: Store, attemptId: string) {
  return prepared<[string], { batch: string; key: string; route: string }>(
    store,
    `SELECT b.name AS batch, j.key, a.route FROM attempts a JOIN jobs j ON j.id = a.job_id
       JOIN batches b ON b.id = j.batch_id WHERE a.id = ?`,
  ).get(attemptId);
}
