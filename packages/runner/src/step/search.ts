import { type Candidate, type Failure, type FindQuery, type FindResult, OPEN_ATTEMPT_STATES } from '@localize/core';
import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { Lane } from '../lanes/lane.js';
import { keyForLook } from '../lanes/lane-keys.js';
import { callContext, failureOf, isOwn, jobOf, providerOf, type RunContext, routeOf } from '../run-context.js';
import { type AttemptPatch, writeUnlessMoved } from '../store/journal.js';
import { dayAround, findQueryOf } from '../store/lost-create.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow } from '../store/store.js';
import { noteLook } from './looks.js';
import { lookAtReleased } from './released.js';
import { giveUpSearch, isBoughtAgain, lagMs, noteWait, patienceMs, tellUnread } from './resubmit.js';

/** Absence means something once the list was read this often beyond its lag. */
const READS_BEYOND_LAG = 2;
const LEAST_WAIT_MS = 50;
const MOST_WAIT_MS = 5 * 60_000;
const SEARCH_TIMEOUT_MS = 60_000;
/** A list counts as one that cannot be read once so many looks in a row have failed. */
const UNREAD_IN_A_ROW = 2;

/** Plans the first look for a lost create; `false` where the provider has no listing. */
export function scheduleSearch(context: RunContext, attempt: AttemptRow): boolean {
  const provider = providerOf(context, attempt.provider);
  if (!provider.find) return false;
  context.journal.patchAttempt(attempt, { searchAt: context.clock.nowMs() + firstWait(context, attempt) });
  return true;
}

/**
 * Looks for a lost create in the provider's list. Only presence proves: it is adopted when its echoed inputs equal
 * ours, no attempt owns its id, and it is the only such candidate for the only unsettled attempt with those inputs. What
 * the list lacks at that time is looked for a day around it before it counts as absent. One that was given up while it ran
 * is known by its id, and asked for by that.
 */
export async function search(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<void> {
  if (attempt.predictionId !== null) return lookAtReleased(context, attempt, lane);
  const query = {
    ...findQueryOf(attempt, routeOf(context, attempt.route)),
    isOwned: (predictionId: string) => isOwned(context, attempt, predictionId),
  };
  let found = await look(context, attempt, lane, query);
  if (found.state === 'listed' && found.candidates.length === 0 && isBeyondLag(context, attempt)) {
    found = await look(context, attempt, lane, { ...query, around: dayAround(query, context.clock.wallMs()) });
  }
  if (context.freeWork.aborted) return;
  writeUnlessMoved(() => context.journal.transact(() => record(context, attempt, found)));
}

/** What the list shows that no attempt owns. */
async function look(context: RunContext, attempt: AttemptRow, lane: Lane, query: FindQuery): Promise<FindResult> {
  const provider = providerOf(context, attempt.provider);
  const key = keyForLook(context, lane, attempt.keyHash);
  const call = callContext(context, lane, {
    jobId: attempt.jobId,
    attemptId: attempt.id,
    key,
    signal: context.freeWork,
    timeoutMs: SEARCH_TIMEOUT_MS,
  });
  const found = await (provider.find?.(query, call) ?? unavailable()).catch(
    (error: unknown): FindResult => ({ state: 'unanswered', failure: failureOf('provider', error) }),
  );
  const isKeyLeft = context.journal.transact(() => noteLook(context, lane, key, found));
  if (isKeyLeft) return look(context, attempt, lane, query);
  if (found.state === 'unanswered') return found;
  const free = found.candidates.filter(({ predictionId }) => !isOwned(context, attempt, predictionId));
  // Whether two keys are of one account, only the user has said: what one of them finds is there, and no more.
  if (free.length === 0 && key.hash !== attempt.keyHash) return { state: 'unanswered', failure: OTHER_KEY };
  return { state: 'listed', candidates: free };
}

const OTHER_KEY: Failure = { kind: 'auth', message: 'the list was read with another key than the one that sent it' };

async function unavailable(): Promise<FindResult> {
  return { state: 'listed', candidates: [] };
}

function record(context: RunContext, attempt: AttemptRow, found: FindResult): void {
  if (found.state === 'unanswered') return readAgain(context, attempt, found.failure);
  context.polling.wasAnswered(attempt.id);
  noteWait(context, attempt, null);
  const free = found.candidates;
  const same = free.filter(({ inputs, isTimely }) => inputs === 'same' && isTimely);
  const [only] = same;
  const isProven = only !== undefined && same.length === 1 && isOnlyUnsettled(context, attempt);
  // Bought anew in the meantime: the found one is taken over once that attempt has ended.
  if (isProven && !hasOpenTwin(context, attempt)) return adopt(context, attempt, only);
  if (free.length > 0) {
    context.journal.note('candidates', { jobId: attempt.jobId, attemptId: attempt.id, data: free });
  }
  searchAgain(context, attempt, free.length > 0 ? 'perhaps' : 'absent');
}

function adopt(context: RunContext, attempt: AttemptRow, candidate: Candidate): void {
  const now = context.clock.nowMs();
  context.journal.moveAttempt(attempt, 'accept', {
    predictionId: candidate.predictionId,
    reference: candidate.reference,
    acceptedAt: candidate.createdAtMs === null ? now : candidate.createdAtMs - attempt.wallAhead,
    pollAt: now,
    searchAt: null,
    searches: 0,
    failure: null,
  });
  const job = jobOf(context, attempt);
  const isIts = job.attemptId === attempt.id && (job.state === 'held' || job.state === 'failed');
  // The user gave it up to buy another, which has not been bought yet and now need not be.
  const isToBeBought = job.state === 'pending' || job.state === 'staging';
  if (isIts || isToBeBought) context.journal.moveJob(job, 'found', { attemptId: attempt.id, failure: null });
}

/**
 * Looks again, less and less often, until the list was read often enough at a time when it must have shown it. A list
 * that shows what may be the lost create proves no absence: it is read on for a while, since another attempt may turn
 * out to own that prediction, and then left to a person.
 */
function searchAgain(context: RunContext, attempt: AttemptRow, read: 'absent' | 'perhaps'): void {
  if (isForItsRun(context, attempt)) return lookIn(context, attempt, MOST_WAIT_MS, {});
  const isAbsent = read === 'absent' && isBeyondLag(context, attempt);
  const searches = read === 'perhaps' ? 0 : attempt.searches + (isAbsent ? 1 : 0);
  const absent = searches >= READS_BEYOND_LAG;
  if (absent || (read === 'perhaps' && isOutOfPatience(context, attempt))) {
    context.journal.patchAttempt(attempt, { searches, searchAt: null });
    giveUpSearch(context, attempt, absent);
    return;
  }
  lookIn(context, attempt, lagMs(context, attempt) / 4, { searches });
}

/** What its absence means is said by the manifest of its own batch; this run only wants to know whether its slot is taken. */
function isForItsRun(context: RunContext, attempt: AttemptRow): boolean {
  return !isOwn(context, attempt) && !context.twins.isAwaited(attempt.id);
}

/**
 * A list that cannot be read shows neither presence nor absence: it is read again. Where the manifest says to buy again
 * all the same, that is done once it was to be read for long enough, and not only in this moment.
 */
function readAgain(context: RunContext, attempt: AttemptRow, unread: Failure): void {
  const inARow = context.polling.wentUnanswered(attempt.id);
  noteWait(context, attempt, unread);
  if (inARow === 1) tellUnread(context, attempt, unread);
  if (isForItsRun(context, attempt) || !isBoughtAgain(context, attempt))
    return lookIn(context, attempt, MOST_WAIT_MS, {});
  const isOver = isOutOfPatience(context, attempt);
  if (!isOver || inARow < UNREAD_IN_A_ROW) {
    return lookIn(context, attempt, isOver ? firstWait(context, attempt) : lagMs(context, attempt) / 4, {});
  }
  context.journal.patchAttempt(attempt, { searchAt: null });
  giveUpSearch(context, attempt, false);
}

/** @param beyondLagMs until the next look, where the list must show it by now */
function lookIn(context: RunContext, attempt: AttemptRow, beyondLagMs: number, patch: AttemptPatch): void {
  const waited = waitedMs(context, attempt);
  const untilLag = lagMs(context, attempt) - waited + LEAST_WAIT_MS;
  const wait = Math.max(LEAST_WAIT_MS, Math.min(MOST_WAIT_MS, waited, untilLag > 0 ? untilLag : beyondLagMs));
  context.journal.patchAttempt(attempt, { ...patch, searchAt: context.clock.nowMs() + Math.round(wait) });
}

function firstWait(context: RunContext, attempt: AttemptRow): number {
  return Math.round(Math.min(5_000, lagMs(context, attempt) / 4));
}

function isOwned(context: RunContext, attempt: AttemptRow, predictionId: string): boolean {
  const owner = context.store.db
    .select({ id: attempts.id })
    .from(attempts)
    .where(
      and(
        eq(attempts.provider, attempt.provider),
        eq(attempts.predictionId, predictionId),
        isNotNull(attempts.predictionId),
      ),
    )
    .get();
  return owner !== undefined;
}

/** One open attempt a job: the index would refuse a second. */
function hasOpenTwin(context: RunContext, attempt: AttemptRow): boolean {
  const open = context.store.db
    .select({ id: attempts.id })
    .from(attempts)
    .where(and(eq(attempts.jobId, attempt.jobId), inArray(attempts.state, [...OPEN_ATTEMPT_STATES])))
    .all();
  return open.some(({ id }) => id !== attempt.id);
}

/** Two lost creates with the same inputs cannot be told apart by what the list echoes. */
function isOnlyUnsettled(context: RunContext, attempt: AttemptRow): boolean {
  const mine = JSON.stringify([attempt.request.media, attempt.request.input]);
  const unsettled = context.store.db
    .select()
    .from(attempts)
    .where(
      and(
        eq(attempts.route, attempt.route),
        inArray(attempts.state, ['intended', 'uncertain', 'abandoned']),
        isNull(attempts.predictionId),
      ),
    )
    .all();
  const equal = unsettled.filter((each) => JSON.stringify([each.request.media, each.request.input]) === mine);
  return equal.length === 1;
}

function waitedMs({ clock }: RunContext, { repliedAt, sentAt }: AttemptRow): number {
  return clock.nowMs() - (repliedAt ?? sentAt);
}

/** Whether a list that proves nothing was read for long enough. */
function isOutOfPatience(context: RunContext, attempt: AttemptRow): boolean {
  return waitedMs(context, attempt) > patienceMs(context, attempt);
}

/** Whether the list must show it by now. */
function isBeyondLag(context: RunContext, attempt: AttemptRow): boolean {
  return waitedMs(context, attempt) > lagMs(context, attempt);
}
