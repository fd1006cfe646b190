import { backoffMs, type Failure, type Micros, RETRY_BACKOFF, type Route, type StatusResult } from '@localize/core';
import type { Lane } from '../lanes/lane.js';
import { laneSettled } from '../lanes/lane-closing.js';
import { keyForLook } from '../lanes/lane-keys.js';
import { isWell } from '../lanes/lane-row.js';
import {
  callContext,
  createsEnded,
  failureOf,
  isOwn,
  jobOf,
  providerOf,
  type RunContext,
  routeOf,
  timeoutOf,
} from '../run-context.js';
import { fetchBesides } from '../store/backlog.js';
import { type AttemptPatch, writeUnlessMoved } from '../store/journal.js';
import type { AttemptRow } from '../store/store.js';
import { isProvenGone, missedAgain, PRESENT, type Proof, remainingMs } from './absence.js';
import { attemptCost } from './attempt-cost.js';
import { untilNextLook } from './doubted-end.js';
import { asAnswerTo, noteLook } from './looks.js';
import { hasNextChoice, nextChoice } from './next-choice.js';
import { noteBill } from './note-bill.js';
import { ageOf, lookSooner, nextPollDelay, pollInterval } from './poll-times.js';
import { addressOf } from './result-address.js';

const POLL_TIMEOUT_MS = 30_000;
/** A result must not wait long for its bill. */
const COST_TIMEOUT_MS = 5_000;
/** When a 404 counts as vanished: servers stumble for minutes, and an open prediction is still to be made. */
const VANISHED: Proof = { looks: 3, overMs: 5 * 60_000 };
const MOST_WAIT_WHILE_MISSING_MS = 100_000;
/** Automatic new attempts after failures that cost nothing. */
const MAXIMUM_RETRIES = 2;

/** What one look at a prediction has shown; of one that has ended also what the provider's books say that it cost. */
interface Look {
  readonly key: Parameters<typeof noteLook>[2];
  /** As it came; `result`: what that tells of the prediction, which is nothing where the key is not the one that bought it. */
  readonly answer: StatusResult;
  readonly result: StatusResult;
  readonly booked: Micros | null;
  /** Whether it has shown how long the route takes. */
  readonly teaches: boolean;
  /** Milliseconds until a further look, which may take back what this one says; `null`: it counts. */
  readonly againMs: number | null;
}

interface Answered extends Pick<Look, 'booked'> {
  readonly result: Exclude<StatusResult, { state: 'unanswered' }>;
}

/** Looks once at a prediction. Free. */
export async function lookAt(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<Look> {
  const provider = providerOf(context, lane.provider);
  const route = routeOf(context, attempt.route);
  const key = keyForLook(context, lane, attempt.keyHash);
  const call = callContext(context, lane, {
    jobId: attempt.jobId,
    attemptId: attempt.id,
    key,
    signal: context.freeWork,
    timeoutMs: POLL_TIMEOUT_MS,
  });
  const reference = attempt.reference ?? {};
  const answer = await provider
    .status(route, reference, call)
    .catch((error: unknown): StatusResult => ({ state: 'unanswered', failure: failureOf('provider', error) }));
  const result = asAnswerTo(key, attempt, answer);
  if (result.state !== 'unanswered') context.polling.wasAnswered(attempt.id);
  const againMs = untilNextLook(context, attempt, result);
  const ended = againMs === null && (result.state === 'completed' || result.state === 'failed');
  const teaches = ended && context.polling.sawEnd(attempt.id, ageOf(context, attempt), result.state === 'completed');
  const asked = ended && result.costMicros === null && attempt.quotedMicros === null ? provider.cost : undefined;
  // The books may lag behind the result; an unknown figure is better than a late video.
  const booked = await asked
    ?.call(provider, route, reference, { ...call, timeoutMs: COST_TIMEOUT_MS })
    .catch(() => null);
  return { key, answer, result, booked: booked ?? null, teaches, againMs };
}

/** Looks once at an accepted prediction and writes down what was seen. Free. */
export async function poll(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<void> {
  const look = await lookAt(context, attempt, lane);
  const { key, answer, result, againMs } = look;
  if (context.freeWork.aborted && result.state === 'unanswered') return;
  const ended = againMs === null && (result.state === 'completed' || result.state === 'failed');
  const write = () => {
    const hasTroubles = !isWell(context.store, lane);
    const isKeyLeft = (hasTroubles || answer.state === 'unanswered') && noteLook(context, lane, key, answer);
    if (result.state === 'unanswered') recordUnanswered(context, attempt, result.failure, isKeyLeft);
    else if (againMs !== null) recordDoubted(context, attempt, result, againMs);
    else recordAnswer(context, attempt, { ...look, result });
    if (look.teaches) lookSooner(context, attempt.route);
    if (hasTroubles && ended && !createsEnded(context)) laneSettled(context.journal, lane, context.batchId);
  };
  if (isOwn(context, attempt)) context.journal.soon(() => writeUnlessMoved(write));
  else writeUnlessMoved(() => context.journal.transact(write, 'kill'));
}

/** Writes down what the provider said of a prediction. */
export function recordAnswer(context: RunContext, attempt: AttemptRow, { result, booked }: Answered): void {
  switch (result.state) {
    case 'pending':
      return recordPending(context, attempt, result);
    case 'completed':
      return recordCompleted(context, attempt, result, booked);
    case 'failed':
      return recordFailed(context, attempt, result, booked);
    case 'vanished':
      return recordMissing(context, attempt, result.failure);
  }
}

function recordPending(
  context: RunContext,
  attempt: AttemptRow,
  result: Extract<StatusResult, { state: 'pending' }>,
): void {
  const unknownStatus = result.unknownStatus ?? null;
  if (unknownStatus !== null && unknownStatus !== attempt.unknownStatus) {
    const message = `${attempt.provider} says “${unknownStatus}”, which no page lists; polled on until the timeout`;
    context.journal.tellOf(attempt.jobId, (key) => ({ type: 'problem', key, message }));
  }
  const runningAt = attempt.runningAt ?? (result.phase === 'running' ? context.clock.nowMs() : null);
  const after = { unknownStatus, runningAt, ...PRESENT };
  if (timedOut(context, attempt)) {
    const why = unknownStatus === null ? 'not finished within the timeout' : `still “${unknownStatus}” at the timeout`;
    return holdTimedOut(context, attempt, why, after);
  }
  again(context, attempt, nextPollDelay(context, attempt), after);
}

/** What was said of an end does not count yet. */
function recordDoubted(context: RunContext, attempt: AttemptRow, result: Answered['result'], againMs: number): void {
  if (result.state !== 'failed' || !result.unconfirmed) return again(context, attempt, againMs, PRESENT);
  const { failure } = result;
  if (failure.message !== attempt.failure?.message) {
    const message = `${attempt.provider} says “${failure.message}” in place of a result; looked at again before that counts`;
    context.journal.tellOf(attempt.jobId, (key) => ({ type: 'problem', key, message }));
  }
  again(context, attempt, againMs, { ...PRESENT, failure });
}

function recordCompleted(
  context: RunContext,
  attempt: AttemptRow,
  result: Extract<StatusResult, { state: 'completed' }>,
  booked: Micros | null,
): void {
  const job = jobOf(context, attempt);
  const stated = result.costMicros ?? booked ?? attempt.quotedMicros;
  const cost = attemptCost(attempt, job, { stated, completed: true, route: routeOf(context, attempt.route) });
  const ended = context.clock.nowMs();
  const patch = {
    endedAt: ended,
    pollAt: null,
    outputUrl: addressOf(result.output),
    seed: result.seed,
    failure: null,
    searches: 0,
    ...PRESENT,
    ...cost,
  };
  context.journal.moveAttempt(attempt, 'complete', patch);
  if (stated !== null) noteBill(context, attempt, job, stated);
  if (job.attemptId !== attempt.id) return;
  // What has waited longest expires first, so results are fetched in the order in which they came.
  if (job.state === 'processing') context.journal.moveJob(job, 'completed', { stumbles: 0, readyAt: ended });
  else if (job.state === 'held') context.journal.moveJob(job, 'refetch', { stumbles: 0, readyAt: 0, failure: null });
  if (job.batchId === context.batchId) fetchBesides(context, job.id);
}

function recordFailed(
  context: RunContext,
  attempt: AttemptRow,
  result: Extract<StatusResult, { state: 'failed' }>,
  booked: Micros | null,
): void {
  const route = routeOf(context, attempt.route);
  const charged = chargedBy(route, result);
  const stated = result.costMicros ?? booked;
  const job = jobOf(context, attempt);
  const cost =
    stated === null && charged !== 'unknown' ? FREE_BY_RULE : attemptCost(attempt, job, { stated, completed: false });
  context.journal.moveAttempt(attempt, 'fail', {
    ...cost,
    endedAt: context.clock.nowMs(),
    pollAt: null,
    failure: result.failure,
  });
  if (stated !== null) noteBill(context, attempt, job, stated);
  if (job.attemptId !== attempt.id || job.state === 'canceled') return;
  const { failure } = result;
  // What the provider says of this very prediction comes before what its pages say of all.
  const free = charged === 'refunded' || (stated === null ? charged === 'no' : stated === 0);
  if (job.state === 'processing' && free && mayRetry(failure) && job.retries < MAXIMUM_RETRIES && !result.canceled) {
    const retries = job.retries + 1;
    const readyAt = context.clock.nowMs() + backoffMs(retries, RETRY_BACKOFF, context.random());
    const elsewhere = hasNextChoice(job) && retries === MAXIMUM_RETRIES ? nextChoice(job) : {};
    context.journal.moveJob(job, 'retry', { retries, readyAt, failure, ...elsewhere });
  } else if (job.state === 'processing' && failure.kind === 'rejected-content' && failsOver(context, job)) {
    context.journal.moveJob(job, 'retry', { retries: job.retries + 1, failure, ...nextChoice(job) });
  } else if (job.state === 'processing' || job.state === 'held') {
    context.journal.moveJob(job, 'fail', { failure });
  }
}

/** A failure that is free by the provider's pages; it has not said so of this attempt. */
const FREE_BY_RULE = { billedMicros: 0, costSource: 'price' } as const;

/**
 * Whether the provider's pages say that such a failure is charged. What they say of failed predictions is not said of one that
 * somebody has canceled or deleted there.
 */
function chargedBy(
  route: Route,
  { calledCompleted, canceled, uncharged }: Extract<StatusResult, { state: 'failed' }>,
): Route['failedPrediction']['charged'] {
  if (uncharged) return 'no';
  return calledCompleted || canceled ? 'unknown' : route.failedPrediction.charged;
}

function failsOver(context: RunContext, job: ReturnType<typeof jobOf>): boolean {
  return context.plan.failoverOnRejection && hasNextChoice(job) && job.retries < MAXIMUM_RETRIES;
}

function mayRetry(failure: Failure): boolean {
  if (failure.retryable === false) return false;
  return failure.kind === 'provider' || failure.kind === 'network' || failure.kind === 'rate-limit';
}

function recordMissing(context: RunContext, attempt: AttemptRow, failure: Failure): void {
  const now = context.clock.nowMs();
  const absence = missedAgain(attempt, now);
  const patch = { ...absence, failure };
  const proof = vanishedBy(absence.missingSince, now - sinceTimeout(context, attempt));
  if (!isProvenGone(absence, proof, now)) {
    if (absence.missing === 2) tellMissing(context, attempt, remainingMs(absence, proof, now));
    // Soon at first: a provider may not know yet what it has just accepted.
    const least = pollInterval(context, attempt);
    const wait = Math.min(least * 2 ** absence.missing, MOST_WAIT_WHILE_MISSING_MS);
    return again(context, attempt, Math.min(wait, Math.max(least, remainingMs(absence, proof, now))), patch);
  }
  update(context, attempt, { ...patch, pollAt: null });
  const job = jobOf(context, attempt);
  if (job.state === 'processing') context.journal.moveJob(job, 'hold', { holdReason: 'vanished', failure });
}

/** One that was missing before its timeout is not waited for beyond that. */
function vanishedBy(missingSince: number, timeoutAt: number): Proof {
  const untilTimeout = timeoutAt - missingSince;
  return { ...VANISHED, overMs: untilTimeout > 0 ? Math.min(VANISHED.overMs, untilTimeout) : VANISHED.overMs };
}

/** Of the first look it may be that the provider is behind itself. */
function tellMissing({ journal }: RunContext, { jobId, provider, predictionId }: AttemptRow, leftMs: number): void {
  const seconds = Math.max(1, Math.ceil(leftMs / 1_000));
  const message = `${provider} does not know the prediction ${predictionId} any more; it is asked again for ${seconds} s before that counts`;
  journal.tellOf(jobId, (key) => ({ type: 'problem', key, message }));
}

/** @param isKeyLeft the key was refused, and another may be answered */
function recordUnanswered(context: RunContext, attempt: AttemptRow, failure: Failure, isKeyLeft: boolean): void {
  if (isKeyLeft) return again(context, attempt, 0, { failure });
  if (timedOut(context, attempt)) {
    if (failure.kind === 'auth') return holdUnasked(context, attempt, failure);
    const why = `nobody could say within the timeout whether it is finished: ${failure.message}`;
    return holdTimedOut(context, attempt, why, { failure });
  }
  const inARow = context.polling.wentUnanswered(attempt.id);
  const wait = backoffMs(inARow, RETRY_BACKOFF, context.random(), failure.retryAfterMs);
  const least = Math.max(pollInterval(context, attempt), failure.retryAfterMs ?? 0);
  // A run stays for it, so the last look is not put off beyond the timeout.
  const last = 1 - sinceTimeout(context, attempt);
  again(context, attempt, Math.max(least, Math.min(wait, last)), { failure });
}

function timedOut(context: RunContext, attempt: AttemptRow): boolean {
  return sinceTimeout(context, attempt) > 0;
}

/** Below zero while it may still take that long. */
function sinceTimeout(context: RunContext, attempt: AttemptRow): number {
  return context.clock.nowMs() - attempt.sentAt - timeoutOf(context, routeOf(context, attempt.route));
}

function holdTimedOut(context: RunContext, attempt: AttemptRow, message: string, patch: AttemptPatch): void {
  update(context, attempt, { ...patch, pollAt: null });
  const job = jobOf(context, attempt);
  if (job.state !== 'processing') return;
  context.journal.moveJob(job, 'hold', { holdReason: 'timed-out', failure: { kind: 'provider', message } });
}

/** Nobody could look, so nobody knows whether it is finished. */
function holdUnasked(context: RunContext, attempt: AttemptRow, failure: Failure): void {
  update(context, attempt, { failure, pollAt: null });
  const job = jobOf(context, attempt);
  if (job.state === 'processing') context.journal.moveJob(job, 'hold', { holdReason: 'key-missing', failure });
}

function again(context: RunContext, attempt: AttemptRow, delayMs: number, patch: AttemptPatch): void {
  update(context, attempt, { ...patch, pollAt: context.clock.nowMs() + Math.round(delayMs) });
}

function update(context: RunContext, attempt: AttemptRow, patch: AttemptPatch): void {
  context.journal.patchAttempt(attempt, { ...patch, polls: attempt.polls + 1 });
}
