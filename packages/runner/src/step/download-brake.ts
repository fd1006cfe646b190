import { HostError } from '../http/download-error.js';
import type { RunContext } from '../run-context.js';
import { prepared } from '../store/prepared.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { nextTry, type PlaceOut, type Traffic, whileBraked } from './place-brake.js';

/** Downloads, by the hosts of results, and by the providers that say where these lie: one may answer without the other. */
const DOWNLOADS: Traffic = {
  noun: 'download',
  placesOf: ({ resultPlaces }) => resultPlaces,
  failureOfPlace: (error) => (error instanceof HostError ? error.failure : null),
  tellPause: ({ journal }, from, pause) => journal.tell({ type: 'download:paused', from, ...pause }),
  // Those that are free to go do so in the order in which they came: they expire in it.
  letGo: ({ store, clock }, jobIds, readyAtMs) => {
    if (jobIds.length === 0) return;
    prepared<[number, number, string], unknown>(
      store,
      `UPDATE jobs SET ready_at = max(?, min(?, coalesce((SELECT ended_at FROM attempts WHERE id = jobs.attempt_id), 0)))
         WHERE state = 'downloading' AND id IN (SELECT value FROM json_each(?))`,
    ).run(readyAtMs, clock.nowMs(), JSON.stringify(jobIds));
  },
};

/**
 * Asks a place for what a job needs of it, unless the place rests.
 * @param place `null`: what is asked for needs none
 * @throws PlaceOut where the place rests, or is out; else what `work` throws
 */
export async function askingAt<T>(
  context: RunContext,
  { job, place }: { job: JobRow; place: string | null },
  work: () => Promise<T>,
): Promise<T> {
  if (place === null) return work();
  return (await whileBraked(context, DOWNLOADS, { job, place }, work)) as T;
}

/** The host that a result lies at; `null` where its address names none. */
export function hostOf(url: string): string | null {
  return (URL.canParse(url) && new URL(url).host) || null;
}

/** Leaves a result where it is until its host is tried again. */
export function awaitHost(context: RunContext, job: JobRow, attempt: AttemptRow, out: PlaceOut): void {
  const { journal } = context;
  const { failure } = out;
  const { isOwn, stumbles, atMs } = nextTry(context, DOWNLOADS, job, out);
  // The next try asks where it is now: it may have expired, or been moved.
  if (isOwn || atMs === null) journal.patchAttempt(attempt, { outputUrl: null });
  if (atMs === null) journal.moveJob(job, 'hold', { holdReason: 'download-failed', failure, stumbles });
  else journal.patchJob(job, { readyAt: atMs, ...(isOwn ? { stumbles, failure } : {}) });
}
