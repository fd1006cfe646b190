import { HOLD_REASONS, type HoldReason, type JobState } from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** A job that is still to be bought, with what it is made of. */
export interface WantedJob {
  readonly batchId: number;
  readonly jobId: number;
  readonly fingerprint: string;
  /** A result that came since then was not there to be taken when it was staged. */
  readonly stagingAtMs: number;
}

/**
 * An attempt may yet bring its job a result: it is under way, or its job is held for a reason that time, the next run or
 * settling may mend. One that failed, was refused, given up or lost brings none, and what is too short would be again.
 */
const MAY_COME = `(
    (a.state IN ('intended', 'accepted') AND j.state IN ('submitting', 'processing'))
    OR (a.state IN ('accepted', 'uncertain') AND j.state = 'held')
    OR (a.state = 'completed' AND a.id = j.attempt_id
        AND (j.state = 'downloading' OR j.hold_reason IN ('download-failed', 'bad-output'))))`;
/** As the index has it. */
const WITH_RESULT = `a.state IN ('intended', 'accepted', 'uncertain', 'completed')`;

/**
 * The attempt of another job of the batch that is made of the very same, and whose result this job may take instead of
 * buying its own.
 * @returns its id; `null` where there is none
 */
export function attemptAhead(store: Store, { batchId, jobId, fingerprint, stagingAtMs }: WantedJob): string | null {
  const row = prepared<[string, number, number, number], { id: string }>(
    store,
    `SELECT a.id FROM attempts a INDEXED BY attempts_twins CROSS JOIN jobs j ON j.id = a.job_id
       WHERE a.fingerprint = ? AND ${WITH_RESULT} AND a.job_id <> ? AND j.batch_id = ?
         AND (${MAY_COME} OR (j.state = 'succeeded' AND a.id = j.attempt_id AND a.downloaded_at >= ?)) LIMIT 1`,
  ).get(fingerprint, jobId, batchId, stagingAtMs);
  return row?.id ?? null;
}

/** Whether the result of that attempt may still come. */
export function mayStillCome(store: Store, attemptId: string): boolean {
  const row = prepared<[string], unknown>(
    store,
    `SELECT 1 FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE a.id = ? AND ${MAY_COME}`,
  ).get(attemptId);
  return row !== undefined;
}

/** Why the result of an attempt has not come, in words for whoever waits for it. */
export function whyNotThere(store: Store, attemptId: string): string {
  const job = prepared<[string], { key: string; state: JobState; holdReason: HoldReason | null }>(
    store,
    `SELECT j.key, j.state, j.hold_reason AS holdReason FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE a.id = ?`,
  ).get(attemptId);
  if (job === undefined) throw new Error(`attempt ${attemptId} is gone`);
  return job.holdReason === null
    ? `${job.key} is ${job.state}`
    : `${job.key} is held, since ${HOLD_REASONS[job.holdReason].words}`;
}
