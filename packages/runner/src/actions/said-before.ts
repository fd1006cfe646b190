import { prepared } from '../store/prepared.js';
import type { AttemptRow, JobRow, Store } from '../store/store.js';

/** What a person has said of a job's attempts, as its history has it. */

/** The kind of history's entry for a prediction that a person names and that nobody vouches for. */
export const NAMED = 'named';

/** The same for one of which its provider says that it was made of what was sent. */
export const PROVEN = 'proven';

/** Of an entry of history: a lost create was ended by a person's word. */
const LOST_ENDED = `kind = 'attempt' AND data ->> 'event' = 'refuse' AND data ->> 'from' IN ('uncertain', 'abandoned')`;

/** Whether its reply was lost, and its end is a person's word. */
export function wasLost(store: Store, { id, jobId }: AttemptRow): boolean {
  const row = prepared<[number, string], unknown>(
    store,
    `SELECT 1 FROM history WHERE job_id = ? AND attempt_id = ? AND ${LOST_ENDED} LIMIT 1`,
  ).get(jobId, id);
  return row !== undefined;
}

/** Whether a lost create of its job was said not to have been bought since an attempt last moved. */
export function isLostEndedSince(store: Store, { id, jobId }: AttemptRow): boolean {
  const row = prepared<[number, number, string], unknown>(
    store,
    `SELECT 1 FROM history WHERE job_id = ? AND ${LOST_ENDED}
       AND id > (SELECT max(id) FROM history WHERE job_id = ? AND attempt_id = ? AND kind = 'attempt') LIMIT 1`,
  ).get(jobId, jobId, id);
  return row !== undefined;
}

/** What the prediction of an attempt was last named on, where a person named it: on their word alone, or proven. */
export function lastNaming(store: Store, { id, jobId }: AttemptRow): typeof NAMED | typeof PROVEN | null {
  const last = prepared<[number, string, string, string], { kind: typeof NAMED | typeof PROVEN }>(
    store,
    'SELECT kind FROM history WHERE job_id = ? AND attempt_id = ? AND kind IN (?, ?) ORDER BY id DESC LIMIT 1',
  ).get(jobId, id, NAMED, PROVEN);
  return last?.kind ?? null;
}

/** The attempt of a job that a person had the last word on, as to what it cost. */
export function lastTold(store: Store, { id }: JobRow): string | null {
  const row = prepared<[number], { attemptId: string }>(
    store,
    `SELECT attempt_id AS attemptId FROM history WHERE job_id = ? AND kind = 'billed' AND data ->> 'by' = 'settle'
       ORDER BY id DESC LIMIT 1`,
  ).get(id);
  return row?.attemptId ?? null;
}

/** Whether a person has said before what became of an attempt of the job, or what it cost. */
export function isToldOf(store: Store, job: JobRow): boolean {
  if (lastTold(store, job) !== null) return true;
  const ended = `SELECT 1 FROM history WHERE job_id = ? AND ${LOST_ENDED} LIMIT 1`;
  return prepared<[number], unknown>(store, ended).get(job.id) !== undefined;
}
