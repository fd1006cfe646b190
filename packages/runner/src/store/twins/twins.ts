import {
  type AttemptState,
  formatUsd,
  HOLD_REASONS,
  type HoldReason,
  type JobState,
  type Micros,
} from '@localize/core';
import { isAtWork } from '../open/batch-lock.js';
import { prepared } from '../prepared.js';
import { hasResultIn } from '../schema/attempt-states.js';
import type { Store } from '../store.js';

/** A job that is still to be bought, with what it is made of. */
export interface WantedJob {
  readonly batchId: number;
  readonly jobId: number;
  /** Of the results that it would take, each on a route of its own. */
  readonly fingerprints: readonly string[];
  /** A result that came since then was not there to be taken when it was staged. */
  readonly stagingAtMs: number;
}

/**
 * An attempt may yet bring a result: it is under way, or its job is held for a reason that time, the next run or settling
 * may mend. That of a canceled job is followed to its end too, for its cost. One that failed, was refused, given up or lost
 * brings none, and what is too short would be again.
 * The result of one in another batch, or of a job that has left the manifest, is fetched from the provider as soon as it
 * is paid for: nobody else may be there to do it.
 */
const MAY_COME = `(
    (a.state IN ('intended', 'accepted') AND j.state IN ('submitting', 'processing'))
    OR (a.state IN ('accepted', 'uncertain') AND j.state IN ('held', 'canceled'))
    OR (a.state = 'completed' AND a.id = j.attempt_id AND j.batch_id = ? AND j.orphaned = 0
        AND (j.state = 'downloading' OR j.hold_reason IN ('download-failed', 'bad-output'))))`;

/**
 * The attempt of another job that is made of the very same, and whose result this job may take instead of buying its own:
 * of this batch, or of one that no live process holds, such as one that was renamed while it was under way. Two runs that
 * are at work each buy what they were asked for.
 * @returns its id; `null` where there is none
 */
export function attemptAhead(store: Store, { fingerprints, ...wanted }: WantedJob): string | null {
  for (const fingerprint of fingerprints) {
    const attemptId = attemptMaking(store, fingerprint, wanted);
    if (attemptId !== null) return attemptId;
  }
  return null;
}

function attemptMaking(
  store: Store,
  fingerprint: string,
  { batchId, jobId, stagingAtMs }: Omit<WantedJob, 'fingerprints'>,
): string | null {
  const rows = prepared<[string, number, number, number, number], { id: string; batchId: number; batch: string }>(
    store,
    `SELECT a.id, j.batch_id AS batchId, b.name AS batch
       FROM attempts a INDEXED BY attempts_twins CROSS JOIN jobs j ON j.id = a.job_id CROSS JOIN batches b ON b.id = j.batch_id
       WHERE a.fingerprint = ? AND ${hasResultIn('a.')} AND a.job_id <> ?
         AND (${MAY_COME} OR (a.state = 'completed' AND a.failure IS NULL AND a.id = j.attempt_id
                              AND coalesce(iif(j.batch_id = ? AND j.orphaned = 0, a.downloaded_at, a.ended_at), 0) >= ?))`,
  ).all(fingerprint, jobId, batchId, batchId, stagingAtMs);
  const isFree = (row: (typeof rows)[number]) => row.batchId === batchId || !isAtWork(store.path, row.batch);
  return rows.find(isFree)?.id ?? null;
}

/** Whether the result of that attempt may still come to a job of this batch. */
export function mayStillCome(store: Store, attemptId: string, batchId: number): boolean {
  const row = prepared<[string, number], unknown>(
    store,
    `SELECT 1 FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE a.id = ? AND ${MAY_COME}`,
  ).get(attemptId, batchId);
  return row !== undefined;
}

interface Awaited {
  readonly key: string;
  readonly batchId: number;
  readonly batch: string;
  readonly state: JobState;
  readonly attemptState: AttemptState;
  readonly holdReason: HoldReason | null;
  readonly micros: Micros | null;
}

/** Why the result of an attempt has not come to a job of this batch, in words for whoever waits for it. */
export function whyNotThere(store: Store, attemptId: string, batchId: number): string {
  const job = prepared<[string], Awaited>(
    store,
    `SELECT j.key, j.batch_id AS batchId, b.name AS batch, j.state, a.state AS attemptState, j.hold_reason AS holdReason,
            coalesce(a.quoted_micros, a.estimate_micros) AS micros
       FROM attempts a JOIN jobs j ON j.id = a.job_id JOIN batches b ON b.id = j.batch_id WHERE a.id = ?`,
  ).get(attemptId);
  if (job === undefined) throw new Error(`attempt ${attemptId} is gone`);
  const isOther = job.batchId !== batchId;
  const name = isOther ? `${job.key} of the batch ${job.batch}` : job.key;
  const why = `${name} is ${standingWords(job)}`;
  if (!isOther) return why;
  const amount = job.micros === null ? 'an unknown amount' : `$${formatUsd(job.micros)}`;
  return `${why} (${amount}); it is mended under that name: set “batch: ${job.batch}” for it`;
}

function standingWords({ state, holdReason, attemptState }: Awaited): string {
  if (holdReason !== null) return `held, since ${HOLD_REASONS[holdReason].words}`;
  return attemptState === 'uncertain' ? `${state}, and ${HOLD_REASONS.uncertain.words}` : state;
}
