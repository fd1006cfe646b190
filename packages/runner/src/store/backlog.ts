import type { ProviderId } from '@localize/core';
import type { Lane } from '../lanes/lane.js';
import { askableLanes, createsEnded, isSelected, type RunContext } from '../run-context.js';
import type { JobUnderWay } from '../run-events.js';
import { AT_MOST, prepared } from './prepared.js';
import { findRow } from './rows.js';
import { isOpenIn } from './schema/attempt-states.js';
import { attempts, jobs } from './schema/schema.js';
import type { AttemptRow, JobRow } from './store.js';

/** Which rows are due. All queries are bounded, and see only the jobs that this run selected. */

const SEARCH_PATIENCE_MS = 60_000;
/** Keeps a list of lanes from being empty, which no index could be used for. */
const NO_LANE = 0;
const YEAR_MS = 365 * 24 * 3_600_000;
/** Of a query on the connection of a run that has selected its jobs. */
export const SELECTED = 'IN (SELECT job_id FROM temp.selected)';

/**
 * Fixes the jobs of this run: those of the batch that are in the manifest and that the user asked for. What was bought for
 * one that has left the manifest is followed to its end with them.
 */
export function selectJobs(context: RunContext): { jobs: number; done: number } {
  const { sqlite } = context.store;
  sqlite.exec(`
    CREATE TEMP TABLE IF NOT EXISTS selected (job_id INTEGER PRIMARY KEY, asked INTEGER NOT NULL DEFAULT 1);
    DELETE FROM temp.selected`);
  // From indexes alone: the rows of a large batch are a hundred times as much to read.
  const { changes } = sqlite
    .prepare<[number, number], unknown>(
      `INSERT INTO temp.selected (job_id) SELECT id FROM jobs INDEXED BY jobs_backlog WHERE batch_id = ?
         AND id NOT IN (SELECT id FROM jobs INDEXED BY jobs_orphaned WHERE batch_id = ? AND orphaned = 1
           AND state NOT IN ('processing', 'downloading'))`,
    )
    .run(context.batchId, context.batchId);
  const jobs = context.options.only ? changes - deselectOthers(context) : changes;
  const done = sqlite
    .prepare<[number], number>(
      `SELECT count(*) FROM jobs INDEXED BY jobs_backlog WHERE batch_id = ? AND state = 'succeeded' AND id ${SELECTED}`,
    )
    .pluck();
  return { jobs, done: done.get(context.batchId) ?? 0 };
}

/**
 * Has this run fetch a result of its batch that nobody asked for: it is paid for, and another job may wait for it. Whether
 * that succeeds does not count for the run.
 */
export function fetchBesides({ store }: RunContext, jobId: number): void {
  prepared<[number], unknown>(store, 'INSERT OR IGNORE INTO temp.selected (job_id, asked) VALUES (?, 0)').run(jobId);
}

/** Selected jobs that an earlier run has left on their way. */
export function jobsUnderWay(context: RunContext): JobUnderWay[] {
  return prepared<[number], JobUnderWay>(
    context.store,
    `SELECT j.key, j.state, a.provider FROM jobs j JOIN attempts a ON a.id = j.attempt_id
       WHERE j.batch_id = ? AND j.state IN ('submitting', 'processing', 'downloading') AND j.id ${SELECTED}`,
  ).all(context.batchId);
}

/** @returns how many jobs the user did not ask for */
function deselectOthers(context: RunContext): number {
  const rows = prepared<[number], { id: number; key: string }>(
    context.store,
    `SELECT id, key FROM jobs WHERE batch_id = ? AND id ${SELECTED}`,
  ).all(context.batchId);
  const others = rows.filter(({ key }) => !isSelected(context, key));
  const deselect = prepared<[number], unknown>(context.store, 'DELETE FROM temp.selected WHERE job_id = ?');
  context.store.sqlite.transaction(() => {
    for (const { id } of others) deselect.run(id);
  })();
  return others.length;
}

/** Results that wait for their download, those under way among them; counted up to a limit. */
export function countDueDownloads(context: RunContext, limit: number): number {
  const row = prepared<[number, number, number], { due: number }>(
    context.store,
    `SELECT count(*) AS due FROM (SELECT 1 FROM jobs INDEXED BY jobs_due
       WHERE batch_id = ? AND state = 'downloading' AND ready_at <= ? AND id ${SELECTED} ${AT_MOST})`,
  ).get(context.batchId, context.clock.nowMs(), limit);
  return row?.due ?? 0;
}

/**
 * Results of these providers that wait for their download, the longest due first; job ids.
 * @param only.except ids of those that are left out: they are under way
 */
export function dueDownloads(
  context: RunContext,
  only: {
    readonly providers: readonly ProviderId[];
    readonly except: readonly (string | number)[];
    readonly limit: number;
  },
): number[] {
  // The join's order is fixed, so that the index gives the rows in order and the limit ends the search.
  const rows = prepared<[number, number, string, string, number], { jobId: number }>(
    context.store,
    `SELECT j.id AS jobId FROM jobs j INDEXED BY jobs_due CROSS JOIN attempts a ON a.id = j.attempt_id
       WHERE j.batch_id = ? AND j.state = 'downloading' AND j.ready_at <= ?
         AND j.id NOT IN (SELECT value FROM json_each(?)) AND j.id ${SELECTED}
         AND a.provider IN (SELECT value FROM json_each(?))
       ORDER BY j.ready_at ${AT_MOST}`,
  ).all(
    context.batchId,
    context.clock.nowMs(),
    JSON.stringify(only.except),
    JSON.stringify(only.providers),
    only.limit,
  );
  return rows.map(({ jobId }) => jobId);
}

export function dueDownload(context: RunContext, jobId: number): { job: JobRow; attempt: AttemptRow } {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job === undefined || job.attemptId === null) throw new Error(`job ${jobId} has no result`);
  return { job, attempt: attemptById(context, job.attemptId) };
}

/** Predictions of a lane whose next look is due, the longest due first; attempt ids. */
export function duePolls(context: RunContext, lane: Lane, limit: number): string[] {
  return dueAttempts(context, lane, { index: 'attempts_poll', states: "state = 'accepted'", at: 'poll_at', limit });
}

/** A poll that is so long overdue is one that nobody sends: two time-outs of a poll lie between. */
const NEGLECTED_MS = 60_000;

/**
 * Predictions that this run is not about and whose next look is due, the longest due first: of jobs of those batches, and
 * also of others where it is long overdue, though a process holds their batch: it is stopped, or its machine was asleep;
 * attempt ids. What a look finds costs nothing, and frees a slot.
 */
export function dueForeignPolls(context: RunContext, batchIds: readonly number[], lane: Lane, limit: number): string[] {
  const nowMs = context.clock.nowMs();
  const rows = prepared<[number, number, number, string, number], { id: string }>(
    context.store,
    `SELECT a.id FROM attempts a INDEXED BY attempts_poll CROSS JOIN jobs j ON j.id = a.job_id
       WHERE a.state = 'accepted' AND a.poll_at <= ? AND a.lane_id = ? AND NOT a.job_id ${SELECTED}
         AND (a.poll_at <= ? OR j.batch_id IN (SELECT value FROM json_each(?)))
       ORDER BY a.poll_at ${AT_MOST}`,
  ).all(nowMs, lane.id, nowMs - NEGLECTED_MS, JSON.stringify(batchIds), limit);
  return rows.map(({ id }) => id);
}

/** Lost creates of jobs of those batches that this run is not about, and that are to be looked for now; attempt ids. */
export function dueForeignSearches(
  context: RunContext,
  batchIds: readonly number[],
  lane: Lane,
  limit: number,
): string[] {
  if (batchIds.length === 0) return [];
  const nowMs = context.clock.nowMs();
  const rows = prepared<[number, number, number, string, number], { id: string }>(
    context.store,
    `SELECT a.id FROM attempts a INDEXED BY attempts_search CROSS JOIN jobs j ON j.id = a.job_id
       WHERE a.state IN ('uncertain', 'abandoned') AND a.state = 'uncertain' AND a.search_at <= ? AND a.lane_id = ?
         AND a.slot_until > ? AND j.batch_id IN (SELECT value FROM json_each(?)) AND NOT j.id ${SELECTED} ${AT_MOST}`,
  ).all(nowMs, lane.id, nowMs, JSON.stringify(batchIds), limit);
  return rows.map(({ id }) => id);
}

/** Whether jobs of another batch hold slots or window places of this lane. */
export function isShared(context: RunContext, lane: Lane): boolean {
  // Each by its own index: a run that waits for a place asks this in every look, and a lane's past attempts are many.
  const row = prepared<[number, number, number, number, number, number], { other: number }>(
    context.store,
    `SELECT 1 AS other FROM attempts a INDEXED BY attempts_open CROSS JOIN jobs j ON j.id = a.job_id
         WHERE a.lane_id = ? AND ${isOpenIn('a.')} AND j.batch_id <> ?
       UNION ALL
       SELECT 1 FROM attempts a INDEXED BY attempts_window CROSS JOIN jobs j ON j.id = a.job_id
         WHERE a.lane_id = ? AND a.replied_at > ? - (SELECT coalesce(set_per_ms, ?) FROM lanes WHERE id = a.lane_id)
           AND j.batch_id <> ? LIMIT 1`,
  ).get(lane.id, context.batchId, lane.id, context.clock.nowMs(), lane.planned.perMs, context.batchId);
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

/** Whether a job of this run has no video and nothing under way. */
export function hasUnfinishedJob(context: RunContext): boolean {
  const row = prepared<[number], { waits: number }>(
    context.store,
    `SELECT 1 AS waits FROM jobs INDEXED BY jobs_backlog
       WHERE batch_id = ? AND state IN ('pending', 'failed', 'canceled', 'held') AND id ${SELECTED} LIMIT 1`,
  ).get(context.batchId);
  return row !== undefined;
}

/** Lost creates of a lane that are to be looked for now; attempt ids. */
export function dueSearches(context: RunContext, lane: Lane, limit: number): string[] {
  const states = "state IN ('uncertain', 'abandoned')";
  return dueAttempts(context, lane, { index: 'attempts_search', states, at: 'search_at', limit });
}

/** Whether jobs of this run wait for open predictions that none of them made, and that this run's lanes can ask for. */
export function awaitsOthers({ store, lanes, twins }: RunContext): boolean {
  const awaited = twins.attempts();
  if (awaited.length === 0) return false;
  const row = prepared<[string, string], unknown>(
    store,
    `SELECT 1 FROM attempts WHERE id IN (SELECT value FROM json_each(?)) AND NOT job_id ${SELECTED}
       AND lane_id IN (SELECT value FROM json_each(?))
       AND (state = 'intended' OR (state = 'accepted' AND poll_at IS NOT NULL)) LIMIT 1`,
  ).get(JSON.stringify(awaited), JSON.stringify(lanes.map(({ id }) => id)));
  return row !== undefined;
}

/** Lost creates that jobs of this run wait for, and that none of them made; attempt ids. */
export function dueAwaitedSearches(context: RunContext, lane: Lane): string[] {
  const awaited = context.twins.attempts();
  if (awaited.length === 0) return [];
  const rows = prepared<[string, number, number], { id: string }>(
    context.store,
    `SELECT id FROM attempts WHERE id IN (SELECT value FROM json_each(?)) AND state = 'uncertain' AND search_at <= ?
       AND lane_id = ? AND NOT job_id ${SELECTED}`,
  ).all(JSON.stringify(awaited), context.clock.nowMs(), lane.id);
  return rows.map(({ id }) => id);
}

function dueAttempts(
  context: RunContext,
  lane: Lane,
  due: { readonly index: string; readonly states: string; readonly at: string; readonly limit: number },
): string[] {
  const rows = prepared<[number, number, number], { id: string }>(
    context.store,
    `SELECT id FROM attempts INDEXED BY ${due.index} WHERE ${due.states} AND ${due.at} <= ? AND job_id ${SELECTED}
       AND lane_id = ? ORDER BY ${due.at} ${AT_MOST}`,
  ).all(context.clock.nowMs(), lane.id, due.limit);
  return rows.map(({ id }) => id);
}

/** Of an attempt that was given up: its job would take its result. */
const HAS_WAITING_JOB = `EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id AND jobs.state IN ('pending', 'staging', 'held'))`;

/**
 * When the next timed thing is due: a poll, a search, a backoff that ends. What is already running is left out: its
 * end wakes the loop by itself. A run with nothing else to do does not stay for a listing that lags for long, nor at all
 * for a create that was given up and that no job waits for.
 */
export function nextDueAt(context: RunContext, nowMs: number, idle: boolean): number {
  const laneIds = [NO_LANE, ...askableLanes(context).map((lane) => lane.id)];
  const marks = laneIds.map(() => '?').join(',');
  const providers = [...new Set(context.lanes.map((lane) => lane.provider))];
  const waiting = createsEnded(context) ? [] : providers;
  const searchesUntil = nowMs + (idle ? SEARCH_PATIENCE_MS : YEAR_MS);
  const rows = prepared<unknown[], { at: number | null }>(
    context.store,
    `SELECT min(poll_at) AS at FROM attempts INDEXED BY attempts_poll WHERE state = 'accepted' AND lane_id IN (${marks}) AND job_id ${SELECTED} AND poll_at > ?
       UNION ALL
       SELECT min(search_at) FROM attempts INDEXED BY attempts_search
         WHERE state IN ('uncertain', 'abandoned') AND (? = 0 OR state = 'uncertain' OR ${HAS_WAITING_JOB})
           AND lane_id IN (${marks}) AND job_id ${SELECTED} AND search_at > ? AND search_at < ?
       UNION ALL
       SELECT min(search_at) FROM attempts WHERE id IN (SELECT value FROM json_each(?)) AND state = 'uncertain' AND search_at > ? AND search_at < ?
       UNION ALL
       SELECT min(ready_at) FROM jobs WHERE batch_id = ? AND ready_at > ? AND id ${SELECTED}
         AND (state = 'downloading' OR (state = 'pending' AND provider IN (${waiting.map(() => '?').join(',')})))`,
  ).all(
    ...laneIds,
    nowMs,
    idle ? 1 : 0,
    ...laneIds,
    nowMs,
    searchesUntil,
    JSON.stringify(context.twins.attempts()),
    nowMs,
    searchesUntil,
    context.batchId,
    nowMs,
    ...waiting,
  );
  const times = rows.flatMap(({ at }) => (at === null ? [] : [at]));
  return Math.min(...times, Number.POSITIVE_INFINITY);
}

export function attemptById(context: RunContext, id: string): AttemptRow {
  const attempt = findRow(context.store, attempts, 'WHERE id = ?', id);
  if (attempt === undefined) throw new Error(`attempt ${id} is gone`);
  return attempt;
}
