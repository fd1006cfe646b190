import type {
  OpenWork,
  PlannedJob,
  ProviderId,
  ResultsLeft,
  RouteId,
  UploadsLeft,
  WaitingWork,
  WorkLeft,
} from '@localize/core';
import { sourcesOf } from '../../content/planned-parts.js';
import { DOWNLOADS_AT_ONCE } from '../../start/start-downloads.js';
import { SELECTED } from '../backlog.js';
import { prepared } from '../prepared.js';
import { holdsSlotIn } from '../schema/attempt-states.js';
import type { Store } from '../store.js';

export interface WorkQuery {
  readonly nowMs: number;
  readonly batch: string;
  /** What a route usually takes for a video of that length; `null`: nobody knows such a route. */
  readonly usualMs: (route: RouteId, lengthMs: number | null) => number | null;
  /** Where local files of a provider's jobs go; `null`: to no place that is known. */
  readonly destinationOf: (provider: ProviderId) => string | null;
  /** What was seen of the uploads to a destination. */
  readonly paceOf: (destination: string) => UploadPace;
}

export interface UploadPace {
  /** All that go on at once, together; `null`: not seen yet. */
  readonly bytesPerMs: number | null;
  /** What has arrived of files that are on their way. */
  readonly sentBytes: number;
}

/** So many of the jobs that wait stand for all of them, by provider. */
const SAMPLE = 40;
/** So many of the newest attempts are looked at for how long they took, and so many ends of a route are kept. */
const NEWEST = 400;
const SEEN = 30;

/**
 * What the run on this very store, which must have begun, has still before it. Reads only, and a bounded number of rows
 * besides those that are open.
 */
export function readWork(store: Store, query: WorkQuery): WorkLeft {
  const newest = newestAttempts(store);
  const seen = seenShares(newest, query);
  const withSeen = <T extends { readonly route: RouteId; readonly lengthMs: number | null }>({
    route,
    lengthMs,
    ...rest
  }: T) => {
    const usual = query.usualMs(route, lengthMs);
    return usual === null ? [] : [{ ...rest, usualMs: usual, seen: seen.get(route) ?? [] }];
  };
  return {
    open: openAttempts(store, query).flatMap(({ isAwaited, ...row }) =>
      withSeen({ ...row, isAwaited: isAwaited === 1 }),
    ),
    waiting: waitingSample(store, query).flatMap(withSeen),
    uploads: uploadsLeft(store, query),
    results: resultsLeft(store, query),
    downloads: newest.flatMap(({ downloadMs }) => downloadMs ?? []).slice(0, SEEN),
    downloadsAtOnce: DOWNLOADS_AT_ONCE,
  };
}

interface PastAttempt {
  readonly route: RouteId;
  readonly lengthMs: number | null;
  /** `null`: it was not followed from its beginning to its end. */
  readonly tookMs: number | null;
  readonly downloadMs: number | null;
}

/** Newest first. What ended while no run looked, and was seen to have ended by a later one, says nothing of its route. */
function newestAttempts(store: Store): PastAttempt[] {
  return prepared<[number], PastAttempt>(
    store,
    `SELECT a.route, json_extract(j.planned, '$.durationMs') AS lengthMs, a.downloaded_at - a.download_at AS downloadMs,
        CASE WHEN EXISTS (SELECT 1 FROM runs r WHERE r.batch_id = j.batch_id
            AND r.started_at - a.wall_ahead > a.accepted_at AND r.started_at - a.wall_ahead < a.ended_at)
          THEN NULL ELSE a.ended_at - a.accepted_at END AS tookMs
       FROM (SELECT * FROM attempts ORDER BY rowid DESC LIMIT ?) a JOIN jobs j ON j.id = a.job_id
       WHERE a.state = 'completed'`,
  ).all(NEWEST);
}

function seenShares(newest: readonly PastAttempt[], { usualMs }: WorkQuery): Map<RouteId, number[]> {
  const shares = new Map<RouteId, number[]>();
  for (const { route, lengthMs, tookMs } of newest) {
    const usual = usualMs(route, lengthMs);
    const known = shares.get(route) ?? [];
    if (tookMs === null || usual === null || usual <= 0 || known.length >= SEEN) continue;
    shares.set(route, [...known, tookMs / usual]);
  }
  return shares;
}

type OpenRow = Omit<OpenWork, 'usualMs' | 'seen' | 'isAwaited'> & {
  readonly route: RouteId;
  readonly lengthMs: number | null;
  readonly isAwaited: 0 | 1;
};

/** Those of other batches hold slots too. */
function openAttempts(store: Store, { nowMs, batch }: WorkQuery): OpenRow[] {
  return prepared<[string, number], OpenRow>(
    store,
    `SELECT l.provider, l.display AS lane, a.route, json_extract(j.planned, '$.durationMs') AS lengthMs,
        coalesce(a.accepted_at, a.sent_at) AS sinceMs, a.slot_until AS slotUntilMs,
        a.state IN ('intended', 'accepted') AND b.name = ? AND j.id ${SELECTED} AS isAwaited
       FROM attempts a JOIN jobs j ON j.id = a.job_id JOIN batches b ON b.id = j.batch_id JOIN lanes l ON l.id = a.lane_id
       WHERE a.lane_id IN (SELECT id FROM lanes) AND ${holdsSlotIn('a.')}
         AND a.slot_until > ?`,
  ).all(batch, nowMs);
}

function providersMet(store: Store): ProviderId[] {
  const lanes = prepared<[], { provider: ProviderId }>(store, 'SELECT DISTINCT provider FROM lanes').all();
  return lanes.map(({ provider }) => provider);
}

type WaitingRow = Pick<WaitingWork, 'provider'> & { readonly route: RouteId; readonly lengthMs: number | null };

/** So many of the jobs that wait are asked for the files that they wait for. */
const ASKED_FOR_FILES = 200;

/** By destination: files that are not there yet, each of them once. */
function uploadsLeft(store: Store, query: WorkQuery): UploadsLeft[] {
  const left = new Map<string, { readonly providers: string[]; readonly seen: Set<string>; bytes: number }>();
  for (const provider of providersMet(store)) {
    const destination = query.destinationOf(provider);
    if (destination === null) continue;
    const there = left.get(destination) ?? { providers: [], seen: new Set(), bytes: 0 };
    there.providers.push(provider);
    there.bytes += bytesLeft(store, { provider, destination, seen: there.seen }, query);
    left.set(destination, there);
  }
  return [...left].map(([destination, { providers, bytes }]) => {
    const { bytesPerMs, sentBytes } = query.paceOf(destination);
    return { providers, bytes: Math.max(0, bytes - sentBytes), bytesPerMs, atMs: query.nowMs };
  });
}

/** @param of `seen` are the files that were counted already */
function bytesLeft(
  store: Store,
  { provider, destination, seen }: { provider: ProviderId; destination: string; seen: Set<string> },
  { batch, nowMs }: WorkQuery,
): number {
  const rows = prepared<[string, ProviderId, number], { planned: string }>(
    store,
    `SELECT planned ${WAITING} LIMIT ?`,
  ).all(batch, provider, ASKED_FOR_FILES);
  let bytes = 0;
  for (const source of rows.flatMap(({ planned }) => sourcesOf(JSON.parse(planned) as PlannedJob))) {
    if (source.kind !== 'file' || seen.has(source.path)) continue;
    seen.add(source.path);
    if (!isUploaded(store, source.path, { destination, nowMs })) bytes += source.seen?.bytes ?? 0;
  }
  if (rows.length < ASKED_FOR_FILES) return bytes;
  const all = prepared<[string, ProviderId], { jobs: number }>(store, `SELECT count(*) AS jobs ${WAITING}`);
  return (bytes * (all.get(batch, provider)?.jobs ?? 0)) / rows.length;
}

function isUploaded(
  store: Store,
  path: string,
  { destination, nowMs }: { destination: string; nowMs: number },
): boolean {
  const found = prepared<[string, string, number], unknown>(
    store,
    `SELECT 1 FROM file_hashes h JOIN assets a ON a.content_id = 'sha256:' || h.sha256
       WHERE h.path = ? AND a.destination = ? AND (a.expires_at IS NULL OR a.expires_at > ?)`,
  );
  return found.get(path, destination, nowMs) !== undefined;
}

/** Jobs of a batch and a provider that are not bought yet. */
const WAITING = `FROM jobs INDEXED BY jobs_backlog WHERE batch_id = (SELECT id FROM batches WHERE name = ?)
           AND state IN ('pending', 'staging') AND provider = ? AND orphaned = 0 AND id ${SELECTED}`;

function waitingSample(store: Store, { batch }: WorkQuery): WaitingRow[] {
  return providersMet(store).flatMap((provider) =>
    prepared<[string, ProviderId, number], WaitingRow>(
      store,
      `SELECT provider, json_extract(planned, '$.choices[' || choice || '].route') AS route,
          json_extract(planned, '$.durationMs') AS lengthMs ${WAITING} LIMIT ?`,
    ).all(batch, provider, SAMPLE),
  );
}

function resultsLeft(store: Store, { batch }: WorkQuery): ResultsLeft[] {
  return prepared<[string], ResultsLeft>(
    store,
    `SELECT a.provider, count(*) AS results, max(j.ready_at) AS sinceMs
       FROM jobs j INDEXED BY jobs_backlog JOIN attempts a ON a.id = j.attempt_id
       WHERE j.batch_id = (SELECT id FROM batches WHERE name = ?) AND j.state = 'downloading' AND j.id ${SELECTED}
       GROUP BY a.provider`,
  ).all(batch);
}
