import { backoffMs, type Failure, OUTAGE_DOUBTS, RETRY_BACKOFF } from '@localize/core';
import { wallTimeOf } from '../clock.js';
import { outagePauseMs } from '../lanes/lane-feedback.js';
import type { RunContext } from '../run-context.js';
import type { JobRow } from '../store/store.js';

/** Tries of one job's own file, while its place took or gave none: as many as connections for its create. */
const MAXIMUM_TRIES = 8;

/** After so many failures in a row, two hours of them, what waits for a place is held: the next run tries anew. */
const GIVEN_UP_AFTER = 24;
/** A place that asks for pauses of a second is not given up within a minute. */
const GIVEN_UP_AFTER_MS = 60 * 60_000;
/** Beyond every pause. Who waits so long is let go when the try that is awaited ends. */
const FAR_MS = 20 * 60_000;

/** Where files go to or come from, as this run has found it. In memory alone: another run tries at once. */
interface Place {
  /** Failures in a row there, those that were out together counted once. */
  failures: number;
  /** When the first of them was. */
  failingSinceMs: number;
  /** The last of them. */
  failure: Failure | null;
  /** Id of the job whose file alone has failed so far: it may be to blame itself. `null`: there are several, or none. */
  onlyJob: number | null;
  restsUntilMs: number;
  /** During an outage one file at a time is tried: it is under way. */
  isTried: boolean;
  /** Ids of jobs that need it and have not had their try in this outage. */
  readonly waiting: Set<number>;
  /** Ids of jobs that have had it: a file that alone is to blame must not take the turns of the others. */
  readonly tried: Set<number>;
}

/** What a run knows of the places of one traffic, by their names. */
export type Places = Map<string, Place>;

/** What goes one way: the uploads, or the downloads. */
export interface Traffic {
  readonly noun: string;
  readonly placesOf: (context: RunContext) => Places;
  /** Of an error that says nothing of the one file: what it says of the place. */
  readonly failureOfPlace: (error: unknown) => Failure | null;
  /** @param untilMs epoch milliseconds by the wall clock */
  readonly tellPause: (context: RunContext, place: string, pause: { untilMs: number; why: string }) => void;
  /** Sets when those of these jobs that still wait are tried again. */
  readonly letGo: (context: RunContext, jobIds: readonly number[], readyAtMs: number) => void;
}

/** What one file of a job is to be moved to, or from. */
interface Move {
  readonly job: JobRow;
  readonly place: string;
}

/** A place takes or gives nothing now: the jobs that need it wait, and nothing is held against their files. */
export class PlaceOut extends Error {
  readonly failure: Failure;
  readonly place: string;
  /** Id of the job whose own file was tried and failed; `null`: none was. */
  readonly triedFor: number | null;

  constructor(failure: Failure, place: string, triedFor: number | null) {
    super(failure.message);
    this.failure = failure;
    this.place = place;
    this.triedFor = triedFor;
  }
}

/**
 * Moves a file, unless its place rests: after two failures in a row that say nothing of the file, one at a time is tried
 * there, with growing pauses, until one succeeds, as with creates whose replies are lost. A place that asks for a pause has
 * it from the first failure on.
 * @param work gives `null` where nothing was moved
 * @throws PlaceOut where the place rests, or has failed now; else what `work` throws
 */
export async function whileBraked<T>(
  context: RunContext,
  traffic: Traffic,
  move: Move,
  work: () => Promise<T | null>,
): Promise<T | null> {
  const { clock, freeWork } = context;
  const { job } = move;
  const place = placeOf(context, traffic, move.place);
  const begunAtMs = clock.nowMs();
  const isTry = isOut(place);
  const rests = place.restsUntilMs > begunAtMs;
  const isSecondWord = rests && isDoubted(place, job.id);
  if ((rests && !isSecondWord) || place.isTried || isOver(place, begunAtMs)) throw out(place, move, null);
  place.waiting.delete(job.id);
  place.tried.delete(job.id);
  if (isTry) {
    place.isTried = true;
    traffic.letGo(context, [...place.waiting], begunAtMs + FAR_MS);
  }
  try {
    const made = await work();
    if (made !== null) noteSuccess(place, begunAtMs);
    return made;
  } catch (error) {
    const failure = freeWork.aborted ? null : traffic.failureOfPlace(error);
    if (failure === null) throw error;
    const isSameOutage = begunAtMs < place.restsUntilMs && !(isSecondWord && isDoubted(place, job.id));
    if (!isSameOutage) noteFailure(context, traffic, place, { name: move.place, jobId: job.id, failure });
    throw out(place, move, isSameOutage ? null : job.id);
  } finally {
    if (isTry) place.isTried = false;
    letWaitingGo(context, traffic, place);
  }
}

/** What a job comes to that a place had nothing for. */
interface NextTry {
  /** What was tried was its own file, which counts against it. Waiting for others' does not: an outage must not become hundreds of held jobs. */
  readonly isOwn: boolean;
  readonly stumbles: number;
  /** `null`: no further time. */
  readonly atMs: number | null;
}

/** When it is tried again; one whose own file was tried waits for those that have not had their try. */
export function nextTry(
  context: RunContext,
  traffic: Traffic,
  job: JobRow,
  { place: name, triedFor }: PlaceOut,
): NextTry {
  const isOwn = triedFor === job.id;
  const stumbles = isOwn ? job.stumbles + 1 : job.stumbles;
  const place = placeOf(context, traffic, name);
  const isLast = stumbles >= MAXIMUM_TRIES || isOver(place, context.clock.nowMs());
  return { isOwn, stumbles, atMs: isLast ? null : triedAgainAt(context, job, place, isOwn) };
}

function triedAgainAt(context: RunContext, job: JobRow, place: Place, isOwnTry: boolean): number {
  const nowMs = context.clock.nowMs();
  const rested = Math.max(nowMs, place.restsUntilMs);
  const soon = Math.max(rested, nowMs + backoffMs(isOwnTry ? job.stumbles + 1 : 1, RETRY_BACKOFF, context.random()));
  if (!isOut(place)) return place.failures === 0 ? rested : soon;
  if (isOwnTry && place.waiting.size === 0) return soon;
  (isOwnTry ? place.tried : place.waiting).add(job.id);
  return place.isTried || isOwnTry ? rested + FAR_MS : place.restsUntilMs;
}

function placeOf(context: RunContext, { placesOf }: Traffic, name: string): Place {
  const places = placesOf(context);
  const known = places.get(name);
  if (known !== undefined) return known;
  const made: Place = {
    failures: 0,
    failingSinceMs: 0,
    failure: null,
    onlyJob: null,
    restsUntilMs: 0,
    isTried: false,
    waiting: new Set(),
    tried: new Set(),
  };
  places.set(name, made);
  return made;
}

/** Whether one file at a time is tried there. */
function isOut({ failures, failure }: Place): boolean {
  return failures >= OUTAGE_DOUBTS || (failures > 0 && (failure?.retryAfterMs ?? 0) > 0);
}

/** Whether one job's file alone has failed there, and not this one's: what comes of this one's tells whose fault that is. */
function isDoubted({ onlyJob, failure }: Place, jobId: number): boolean {
  return onlyJob !== null && onlyJob !== jobId && (failure?.retryAfterMs ?? 0) === 0;
}

function isOver({ failures, failingSinceMs }: Place, nowMs: number): boolean {
  return failures >= GIVEN_UP_AFTER && nowMs - failingSinceMs >= GIVEN_UP_AFTER_MS;
}

function out({ failure }: Place, { place }: Move, triedFor: number | null): PlaceOut {
  return new PlaceOut(failure ?? { kind: 'network', message: `${place} asks for a pause` }, place, triedFor);
}

/** What had begun before the place asked for a pause says nothing of what it takes since. */
function noteSuccess(place: Place, begunAtMs: number): void {
  const keepsPause = begunAtMs < place.restsUntilMs && (place.failure?.retryAfterMs ?? 0) > 0;
  if (!keepsPause) place.restsUntilMs = 0;
  place.failures = 0;
  place.onlyJob = null;
  if (!keepsPause) place.failure = null;
}

function noteFailure(
  context: RunContext,
  traffic: Traffic,
  place: Place,
  { name, jobId, failure }: { name: string; jobId: number; failure: Failure },
): void {
  const nowMs = context.clock.nowMs();
  if (place.failures === 0) place.failingSinceMs = nowMs;
  place.onlyJob = place.failures === 0 || place.onlyJob === jobId ? jobId : null;
  place.failures += 1;
  place.failure = failure;
  if (isOver(place, nowMs)) return;
  const pauseMs = outagePauseMs(place.failures, context.random(), context.options.outageBackoff, failure);
  if (pauseMs === 0) return;
  place.restsUntilMs = nowMs + pauseMs;
  const what = place.failures < OUTAGE_DOUBTS ? `one ${traffic.noun}` : `${place.failures} ${traffic.noun}s in a row`;
  const untilMs = wallTimeOf(context.clock, place.restsUntilMs);
  traffic.tellPause(context, name, { untilMs, why: `${what} failed: ${failure.message}` });
}

/** Those that have had their try follow when the others have, or when the outage is over. */
function letWaitingGo(context: RunContext, traffic: Traffic, place: Place): void {
  const isGiven = isOver(place, context.clock.nowMs());
  const isEnded = !isOut(place) || isGiven;
  if (place.isTried && !isEnded) return;
  const atMs = isGiven ? 0 : place.restsUntilMs;
  traffic.letGo(context, [...place.waiting], atMs);
  if (!isEnded && place.waiting.size > 0) return;
  traffic.letGo(context, [...place.tried], atMs);
  place.tried.clear();
  if (isEnded) place.waiting.clear();
}
