import { backoffMs, type Failure, OUTAGE_DOUBTS, RETRY_BACKOFF } from '@localize/core';
import { wallTimeOf } from '../clock.js';
import { outagePauseMs } from '../lanes/lane-feedback.js';
import type { RunContext } from '../run-context.js';
import { recordPause } from '../store/lane-stops.js';
import { prepared } from '../store/prepared.js';
import type { JobRow } from '../store/store.js';
import { StagingFailure, UploadsOut } from './staging-failure.js';
import { destinationFor } from './upload-destination.js';

/** After so many failures in a row, two hours of them, what waits for a destination is held: the next run tries anew. */
const GIVEN_UP_AFTER = 24;
/** Beyond every pause. Who waits so long is let go when the upload that is awaited ends. */
const FAR_MS = 20 * 60_000;

/** A destination of uploads, as this run has found it. In memory alone: another run tries at once. */
interface Place {
  /** Uploads in a row that failed there, those that were out together counted once. */
  failures: number;
  /** Of the last of them. */
  failure: Failure | null;
  restsUntilMs: number;
  /** During an outage one upload at a time is tried: it is under way. */
  isTried: boolean;
  /** Ids of jobs that need it and have not had their try in this outage. */
  readonly waiting: Set<number>;
  /** Ids of jobs that have had it: a file that alone is to blame must not take the turns of the others. */
  readonly tried: Set<number>;
}

/** What this run knows of the destinations of its uploads, by their names. */
export type UploadPlaces = Map<string, Place>;

/** One upload on its way to a destination. */
interface Upload {
  readonly job: JobRow;
  readonly destination: string;
}

/**
 * Uploads, unless the destination rests: after two failures in a row that say nothing of the file, one upload at a time is
 * tried there, with growing pauses, until one succeeds, as with creates whose replies are lost.
 * @param work gives `null` where nothing was uploaded
 * @throws UploadsOut where the destination rests, or has failed now; else what `work` throws
 */
export async function whileBraked<T>(
  context: RunContext,
  upload: Upload,
  work: () => Promise<T | null>,
): Promise<T | null> {
  const { clock, freeWork } = context;
  const { destination, job } = upload;
  const place = placeOf(context, destination);
  const begunAtMs = clock.nowMs();
  const isTry = place.failures >= OUTAGE_DOUBTS;
  if (place.restsUntilMs > begunAtMs || place.isTried || isGivenUp(place)) throw out(place, destination, null);
  place.waiting.delete(job.id);
  place.tried.delete(job.id);
  if (isTry) {
    place.isTried = true;
    letGo(context, place.waiting, begunAtMs + FAR_MS);
  }
  try {
    const made = await work();
    if (made !== null) Object.assign(place, { failures: 0, failure: null, restsUntilMs: 0 });
    return made;
  } catch (error) {
    if (freeWork.aborted || !(error instanceof StagingFailure && error.ofPlace)) throw error;
    const isSameOutage = begunAtMs < place.restsUntilMs;
    if (!isSameOutage) noteFailure(context, destination, place, error.failure);
    throw out(place, destination, isSameOutage ? null : job.id);
  } finally {
    if (isTry) place.isTried = false;
    letWaitingGo(context, place);
  }
}

/** Whether this run has given the destination up. */
export function isUploadGivenUp(context: RunContext, destination: string): boolean {
  return isGivenUp(placeOf(context, destination));
}

/**
 * When a job that a destination did not take is to be staged again; one whose own upload was tried waits for those that
 * have not had their try.
 */
export function stagedAgainAt(context: RunContext, { job, destination }: Upload, isOwnTry: boolean): number {
  const place = placeOf(context, destination);
  const nowMs = context.clock.nowMs();
  const stumbles = isOwnTry ? job.stumbles + 1 : 1;
  const soon = nowMs + backoffMs(stumbles, RETRY_BACKOFF, context.random(), place.failure?.retryAfterMs);
  if (place.failures < OUTAGE_DOUBTS) return place.failures === 0 ? nowMs : soon;
  if (isOwnTry && place.waiting.size === 0) return Math.max(soon, place.restsUntilMs);
  (isOwnTry ? place.tried : place.waiting).add(job.id);
  return place.isTried || isOwnTry ? Math.max(nowMs, place.restsUntilMs) + FAR_MS : place.restsUntilMs;
}

function placeOf({ uploadPlaces }: RunContext, destination: string): Place {
  const known = uploadPlaces.get(destination);
  if (known !== undefined) return known;
  const made = { failures: 0, failure: null, restsUntilMs: 0, isTried: false, waiting: new Set(), tried: new Set() };
  uploadPlaces.set(destination, made as Place);
  return made as Place;
}

function isGivenUp({ failures }: Place): boolean {
  return failures >= GIVEN_UP_AFTER;
}

function out(place: Place, destination: string, triedFor: number | null): UploadsOut {
  return new UploadsOut(place.failure ?? { kind: 'network', message: 'an upload failed' }, destination, triedFor);
}

function noteFailure(context: RunContext, destination: string, place: Place, failure: Failure): void {
  const { clock, journal, options } = context;
  place.failures += 1;
  place.failure = failure;
  if (place.failures < OUTAGE_DOUBTS || isGivenUp(place)) return;
  const pauseMs = outagePauseMs(place.failures, context.random(), options.outageBackoff, failure);
  place.restsUntilMs = clock.nowMs() + pauseMs;
  const untilMs = wallTimeOf(clock, place.restsUntilMs);
  for (const lane of context.lanes) {
    if (destinationFor(options, lane) !== destination) continue;
    recordPause(context.store, lane.id, { atMs: clock.wallMs(), untilMs, cause: 'upload' }, context.batchId);
  }
  const why = `${place.failures} uploads in a row failed: ${failure.message}`;
  journal.tell({ type: 'upload:paused', destination, untilMs, why });
}

/** Those that have had their try follow when the others have, or when the outage is over. */
function letWaitingGo(context: RunContext, place: Place): void {
  const isOver = place.failures < OUTAGE_DOUBTS || isGivenUp(place);
  if (place.isTried && !isOver) return;
  const atMs = isOver ? 0 : place.restsUntilMs;
  letGo(context, place.waiting, atMs);
  if (!isOver && place.waiting.size > 0) return;
  letGo(context, place.tried, atMs);
  place.tried.clear();
  if (isOver) place.waiting.clear();
}

function letGo({ store }: RunContext, jobIds: ReadonlySet<number>, readyAtMs: number): void {
  if (jobIds.size === 0) return;
  prepared<[number, string], unknown>(
    store,
    `UPDATE jobs SET ready_at = ? WHERE state = 'pending' AND id IN (SELECT value FROM json_each(?))`,
  ).run(readyAtMs, JSON.stringify([...jobIds]));
}
