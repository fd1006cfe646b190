import {
  type Candidate,
  covers,
  type Failure,
  type FindQuery,
  type FindResult,
  OPEN_ATTEMPT_STATES,
} from '@localize/core';
import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { Lane } from '../lanes/lane.js';
import { keyForLook } from '../lanes/lane-keys.js';
import {
  callContext,
  failureOf,
  isOwn,
  isSelected,
  jobOf,
  providerOf,
  type RunContext,
  routeOf,
} from '../run-context.js';
import { writeUnlessMoved } from '../store/journal.js';
import { dayAround, findQueryOf } from '../store/lost-create.js';
import { attempts, jobs } from '../store/schema.js';
import { expectedPrice, wasPriceLost } from '../store/seen-prices.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { noteLook } from './looks.js';
import { lookAtReleased } from './released.js';

/** Absence means something once the list was read this often beyond its lag. */
const READS_BEYOND_LAG = 2;
/** How long a list is read on that shows candidates which nothing proves to be ours. */
const PATIENCE_IN_LAGS = 2;
const LEAST_WAIT_MS = 50;
const MOST_WAIT_MS = 5 * 60_000;
const SEARCH_TIMEOUT_MS = 60_000;
/** How often one job may be bought again after a lost create, by the user's word in the manifest. */
const RESUBMITS = { absent: 1, resubmit: 2 } as const;

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
  if (found.state === 'unanswered') return searchAgain(context, attempt, 'unread');
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
function searchAgain(context: RunContext, attempt: AttemptRow, read: 'absent' | 'perhaps' | 'unread'): void {
  const now = context.clock.nowMs();
  const lag = lagMs(context, attempt);
  const waited = waitedMs(context, attempt);
  const isAbsent = read === 'absent' && isBeyondLag(context, attempt);
  const searches = read === 'perhaps' ? 0 : attempt.searches + (isAbsent ? 1 : 0);
  const absent = searches >= READS_BEYOND_LAG;
  if (absent || (read === 'perhaps' && waited > PATIENCE_IN_LAGS * lag)) {
    context.journal.patchAttempt(attempt, { searches, searchAt: null });
    giveUpSearch(context, attempt, absent);
    return;
  }
  const untilLag = lag - waited + LEAST_WAIT_MS;
  const beyondLag = read === 'unread' ? MOST_WAIT_MS : lag / 4;
  const wait = Math.max(LEAST_WAIT_MS, Math.min(MOST_WAIT_MS, waited, untilLag > 0 ? untilLag : beyondLag));
  context.journal.patchAttempt(attempt, { searches, searchAt: now + Math.round(wait) });
}

function firstWait(context: RunContext, attempt: AttemptRow): number {
  return Math.round(Math.min(5_000, lagMs(context, attempt) / 4));
}

/**
 * Absence leaves it held, unless the user said beforehand to buy again: `absent` once and only where the list was read
 * and lacks it, `resubmit` also without that.
 */
export function giveUpSearch(context: RunContext, attempt: AttemptRow, absent: boolean): void {
  const { onUncertain } = context.plan;
  // What this manifest says is said of its own batch.
  if (!isOwn(context, attempt)) return;
  if (onUncertain === 'hold' || (onUncertain === 'absent' && !absent)) return;
  const job = jobOf(context, attempt);
  if (job.state !== 'held' || job.attemptId !== attempt.id || attempt.state !== 'uncertain') return;
  const abandoned = context.store.db
    .select({ id: attempts.id })
    .from(attempts)
    .where(and(eq(attempts.jobId, job.id), eq(attempts.state, 'abandoned'), isNull(attempts.predictionId)))
    .all();
  if (abandoned.length >= RESUBMITS[onUncertain] || isSecondUnpriced(context, attempt, job)) return;
  context.journal.moveAttempt(attempt, 'abandon', { endedAt: context.clock.nowMs() });
  context.journal.moveJob(job, 'retry', { readyAt: context.clock.nowMs(), attemptId: null });
}

/**
 * Whether a cap counts it at a price of which only a minimum is known, and the create before it that was to tell that was
 * lost, too: what was said beforehand is not said of any number of creates at a price that nobody knows.
 */
function isSecondUnpriced({ store, budget }: RunContext, { route }: AttemptRow, { planned }: JobRow): boolean {
  const choice = planned.choices.find((each) => each.route === route);
  if (choice === undefined || expectedPrice(store, choice, planned.durationMs).certainty !== 'floor') return false;
  const { language, labels } = planned;
  const isCapped = budget.caps.some((cap) => covers(cap, { provider: choice.provider, language, labels }));
  return isCapped && wasPriceLost(store, route);
}

/** Creates that an earlier run lost at a provider without a listing: nothing will ever be found of them. */
export function giveUpUnlisted(context: RunContext): void {
  if (context.plan.onUncertain !== 'resubmit') return;
  const lost = context.store.db
    .select({ attempt: attempts, job: jobs })
    .from(attempts)
    .innerJoin(jobs, eq(attempts.jobId, jobs.id))
    .where(and(eq(jobs.batchId, context.batchId), eq(jobs.orphaned, false), eq(attempts.state, 'uncertain')))
    .all();
  context.journal.transact(() => {
    for (const { attempt, job } of lost) {
      if (isSelected(context, job.key) && !providerOf(context, attempt.provider).find) {
        giveUpSearch(context, attempt, false);
      }
    }
  });
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

/** Whether the list must show it by now. */
function isBeyondLag(context: RunContext, attempt: AttemptRow): boolean {
  return waitedMs(context, attempt) > lagMs(context, attempt);
}

function lagMs(context: RunContext, attempt: AttemptRow): number {
  const facts = context.options.catalogue.providers.find((provider) => provider.id === attempt.provider);
  return facts?.listingLagMs ?? 30_000;
}
