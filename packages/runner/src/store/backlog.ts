import type { Lane } from '../lanes/lane.js';
import { createsEnded, isSelected, type RunContext } from '../run-context.js';
import { prepared } from './prepared.js';
import { findRow } from './rows.js';
import { attempts, jobs } from './schema.js';
import type { AttemptRow, JobRow } from './store.js';

/** Which rows are due. All queries are bounded, and see only the jobs that this run selected. */

const SEARCH_PATIENCE_MS = 60_000;
const YEAR_MS = 365 * 24 * 3_600_000;
const SELECTED = 'IN (SELECT job_id FROM temp.selected)';

/** Fixes the jobs of this run: those of the batch that are still in the manifest and that the user asked for. */
export function selectJobs(context: RunContext): { jobs: number; done: number } {
  const { sqlite } = context.store;
  sqlite.exec('CREATE TEMP TABLE IF NOT EXISTS selected (job_id INTEGER PRIMARY KEY); DELETE FROM temp.selected');
  const insert = sqlite.prepare('INSERT INTO temp.selected (job_id) VALUES (?)');
  const rows = sqlite
    .prepare<[number], { id: number; key: string; state: string }>(
      'SELECT id, key, state FROM jobs WHERE batch_id = ? AND orphaned = 0',
    )
    .all(context.batchId)
    .filter(({ key }) => isSelected(context, key));
  sqlite.transaction(() => {
    for (const { id } of rows) insert.run(id);
  })();
  return { jobs: rows.length, done: rows.filter(({ state }) => state === 'succeeded').length };
}

/** What is under way already is due until its move is written: it is left out before any row is read. */
export interface Room {
  readonly most: number;
  readonly isRunning: (subject: string | number) => boolean;
}

export function dueDownloads(context: RunContext, room: Room): { job: JobRow; attempt: AttemptRow }[] {
  const due = prepared<[number, number, number], { id: number; attemptId: string }>(
    context.store,
    `SELECT id, attempt_id AS attemptId FROM jobs
       WHERE batch_id = ? AND state = 'downloading' AND ready_at <= ? AND id ${SELECTED} ORDER BY ready_at LIMIT ?`,
  ).all(context.batchId, context.clock.nowMs(), 2 * room.most);
  return withRoom(due, room).flatMap(({ id, attemptId }) => {
    const job = findRow(context.store, jobs, 'WHERE id = ?', id);
    const attempt = findRow(context.store, attempts, 'WHERE id = ?', attemptId);
    return job && attempt ? [{ job, attempt }] : [];
  });
}

function withRoom<T extends { readonly id: string | number }>(due: readonly T[], { most, isRunning }: Room): T[] {
  return due.filter(({ id }) => !isRunning(id)).slice(0, most);
}

export function duePolls(context: RunContext, room: Room): AttemptRow[] {
  return dueAttempts(context, 'attempts_poll', `state = 'accepted' AND poll_at`, room);
}

/** Open attempts of those batches that nobody has looked at for a while. */
export function dueForeignPolls(context: RunContext, batchIds: readonly number[], room: Room): AttemptRow[] {
  if (batchIds.length === 0) return [];
  const laneIds = context.lanes.map((lane) => lane.id);
  const ids = prepared<unknown[], { id: string }>(
    context.store,
    `SELECT a.id FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.state = 'accepted' AND a.poll_at <= ? AND j.batch_id IN (${batchIds.map(() => '?').join(',')})
         AND a.lane_id IN (${laneIds.map(() => '?').join(',')}) LIMIT ?`,
  ).all(context.clock.nowMs(), ...batchIds, ...laneIds, 2 * room.most);
  return attemptsOf(context, withRoom(ids, room));
}

/** Whether jobs of another batch hold slots or window places of this lane. */
export function isShared(context: RunContext, lane: Lane): boolean {
  const row = prepared<[number, number, number, number], { other: number }>(
    context.store,
    `SELECT 1 AS other FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.lane_id = ? AND j.batch_id <> ?
         AND (a.state IN ('intended', 'accepted', 'uncertain')
              OR a.replied_at > ? - (SELECT coalesce(set_per_ms, ?) FROM lanes WHERE id = a.lane_id)) LIMIT 1`,
  ).get(lane.id, context.batchId, context.clock.nowMs(), lane.planned.perMs);
  return row !== undefined;
}

/** Whether some selected job still waits to be bought. */
export function hasUnboughtJob(context: RunContext): boolean {
  const row = prepared<[number], { waits: number }>(
    context.store,
    `SELECT 1 AS waits FROM jobs WHERE batch_id = ? AND state IN ('pending', 'staging') AND id ${SELECTED} LIMIT 1`,
  ).get(context.batchId);
  return row !== undefined;
}

export function dueSearches(context: RunContext, room: Room): AttemptRow[] {
  return dueAttempts(context, 'attempts_search', `state IN ('uncertain', 'abandoned') AND search_at`, room);
}

function dueAttempts(context: RunContext, index: string, due: string, room: Room): AttemptRow[] {
  const laneIds = context.lanes.map((lane) => lane.id);
  const ids = prepared<unknown[], { id: string }>(
    context.store,
    `SELECT id FROM attempts INDEXED BY ${index} WHERE ${due} <= ? AND job_id ${SELECTED}
       AND lane_id IN (${laneIds.map(() => '?').join(',')}) LIMIT ?`,
  ).all(context.clock.nowMs(), ...laneIds, 2 * room.most);
  return attemptsOf(context, withRoom(ids, room));
}

function attemptsOf(context: RunContext, ids: readonly { id: string }[]): AttemptRow[] {
  return ids.flatMap(({ id }) => findRow(context.store, attempts, 'WHERE id = ?', id) ?? []);
}

/**
 * When the next timed thing is due: a poll, a search, a backoff that ends. What is already running is left out: its
 * end wakes the loop by itself. A run with nothing else to do does not stay for a listing that lags for long.
 */
export function nextDueAt(context: RunContext, nowMs: number, idle: boolean): number {
  const laneIds = context.lanes.map((lane) => lane.id);
  const marks = laneIds.map(() => '?').join(',');
  const providers = [...new Set(context.lanes.map((lane) => lane.provider))];
  const waiting = createsEnded(context) ? [] : providers;
  const rows = prepared<unknown[], { at: number | null }>(
    context.store,
    `SELECT min(poll_at) AS at FROM attempts INDEXED BY attempts_poll WHERE state = 'accepted' AND lane_id IN (${marks}) AND job_id ${SELECTED} AND poll_at > ?
       UNION ALL
       SELECT min(search_at) FROM attempts INDEXED BY attempts_search
         WHERE state IN ('uncertain', 'abandoned') AND lane_id IN (${marks}) AND job_id ${SELECTED} AND search_at > ? AND search_at < ?
       UNION ALL
       SELECT min(ready_at) FROM jobs WHERE batch_id = ? AND ready_at > ? AND id ${SELECTED}
         AND (state = 'downloading' OR (state = 'pending' AND provider IN (${waiting.map(() => '?').join(',')})))`,
  ).all(
    ...laneIds,
    nowMs,
    ...laneIds,
    nowMs,
    nowMs + (idle ? SEARCH_PATIENCE_MS : YEAR_MS),
    context.batchId,
    nowMs,
    ...waiting,
  );
  const times = rows.flatMap(({ at }) => (at === null ? [] : [at]));
  return Math.min(...times, Number.POSITIVE_INFINITY);
}
