import { backoffMs, type Failure, RETRY_BACKOFF, type StartResult } from '@localize/core';
import { isChanged, stampNow } from '../content/file-stamp.js';
import { knownOpenOnLane } from '../lanes/admission.js';
import type { Lane } from '../lanes/lane.js';
import { laneClosed } from '../lanes/lane-closing.js';
import { laneAccepted, laneDoubted, laneThrottled, laneUnreachable } from '../lanes/lane-feedback.js';
import { keyByHash, keyForCreate } from '../lanes/lane-keys.js';
import { isWell } from '../lanes/lane-row.js';
import { keyAccepted, keyRefused } from '../lanes/refused-keys.js';
import {
  callContext,
  failureOf,
  jobOf,
  providerOf,
  type RunContext,
  routeOf,
  type StagedJob,
  timeoutOf,
} from '../run-context.js';
import { type BuyResult, buy } from '../store/buy.js';
import { isOwnedElsewhere } from '../store/former/is-owned-elsewhere.js';
import { CREATE_TIMEOUT_MS } from '../store/recover.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { AttemptRow } from '../store/store.js';
import { hasNextChoice, nextChoice } from './next-choice.js';
import { noteBill } from './note-bill.js';
import { firstPollDelay } from './poll-times.js';
import { giveUpSearch, noteWait } from './resubmit.js';
import { saveAccepted, saveReply } from './save-reply.js';
import { scheduleSearch } from './search.js';

const UNSENT_LIMIT = 8;

/** Reserves the purchase; synchronous, so that nothing comes between checking a place and taking it. */
export function reserve(context: RunContext, staged: StagedJob, lane: Lane): BuyResult {
  // Many jobs name the same file, and those that are bought together leave together.
  const fileNow = (path: string) => context.journal.once(`file ${path}`, () => stampNow(path));
  if (context.clock.nowMs() >= staged.freshUntilMs || staged.sources.some((source) => isChanged(source, fileNow))) {
    // It waited so long that the provider might find its URLs expired, or that somebody has put another file there.
    unstage(context, staged);
    return { outcome: 'stale' };
  }
  const route = routeOf(context, staged.choice.route);
  const keyHash = keyForCreate(context.store, lane).hash;
  return buy(context.journal, {
    batchId: context.batchId,
    jobId: staged.jobId,
    lane,
    keyHash,
    choice: staged.choice,
    request: staged.request,
    fingerprint: staged.fingerprint,
    preferred: staged.preferred,
    stagingAtMs: staged.stagingAtMs,
    stagedAtMs: staged.stagedAtMs,
    timeoutMs: timeoutOf(context, route),
    budget: context.budget,
    prices: context.plan.prices,
    includeApproved: context.options.includeApproved === true,
  });
}

/** Puts a staged job back that cannot be bought now. */
export function unstage(context: RunContext, { jobId }: Pick<StagedJob, 'jobId'>): void {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state === 'staging') context.journal.moveJob(job, 'unstage', { readyAt: context.clock.nowMs() });
}

/**
 * Sends the one POST of an intended attempt and writes down what its reply proves. Whatever happens here, a second
 * POST for this attempt never leaves.
 */
export async function submit(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<void> {
  const route = routeOf(context, attempt.route);
  const { media, input } = attempt.request;
  const call = callContext(context, lane, {
    jobId: attempt.jobId,
    attemptId: attempt.id,
    key: keyByHash(lane, attempt.keyHash),
    signal: context.paidWork,
    withhold: context.options.stop,
    timeoutMs: CREATE_TIMEOUT_MS,
  });
  const result = await providerOf(context, lane.provider)
    .start({ route, media, input }, call)
    // A bug in an adapter proves nothing about the POST.
    .catch((error: unknown): StartResult => ({ outcome: 'uncertain', failure: failureOf('uncertain', error) }));
  await record(context, attempt, lane, result);
}

async function record(context: RunContext, attempt: AttemptRow, lane: Lane, result: StartResult): Promise<void> {
  switch (result.outcome) {
    case 'accepted':
      return recordAccepted(context, attempt, lane, result);
    case 'refused':
      return saveReply(context, () => recordRefused(context, attempt, lane, result.failure));
    case 'uncertain':
      return saveReply(context, () => recordUncertain(context, attempt, lane, result.failure));
    case 'unsent':
      return saveReply(context, () => recordUnsent(context, attempt, lane, result.failure));
  }
}

async function recordAccepted(
  context: RunContext,
  attempt: AttemptRow,
  lane: Lane,
  result: Extract<StartResult, { outcome: 'accepted' }>,
): Promise<void> {
  const { predictionId, reference, costMicros } = result;
  const now = context.clock.nowMs();
  const save = () => {
    const job = jobOf(context, attempt);
    const pollAt = now + firstPollDelay(context, attempt, job);
    context.journal.moveAttempt(attempt, 'accept', {
      predictionId,
      reference,
      quotedMicros: costMicros,
      acceptedAt: now,
      repliedAt: now,
      pollAt,
    });
    context.journal.moveJob(job, 'accepted', { stumbles: 0 });
    if (costMicros !== null) noteBill(context, attempt, job, costMicros);
    if (isWell(context.store, lane)) return;
    laneAccepted(context.journal, lane, attempt.sentAt);
    keyAccepted(context.journal, lane, attempt.keyHash, attempt.sentAt);
  };
  try {
    await saveAccepted(context, { attemptId: attempt.id, predictionId, reference, costMicros, atMs: now }, save);
  } catch (error) {
    if (!isOwnedElsewhere(error)) throw error;
    const message = `the reply named prediction ${predictionId}, which is another attempt’s`;
    await saveReply(context, () => recordUncertain(context, attempt, lane, { kind: 'uncertain', message }));
  }
}

function recordRefused(context: RunContext, attempt: AttemptRow, lane: Lane, failure: Failure): void {
  const now = context.clock.nowMs();
  // Without this one.
  const openNow = knownOpenOnLane(context.store, lane.id, now) - 1;
  context.journal.moveAttempt(attempt, 'refuse', { repliedAt: now, endedAt: now, failure });
  const job = jobOf(context, attempt);
  if (failure.kind === 'rate-limit') {
    const about = { sentAt: attempt.sentAt, openNow, random: context.random() };
    laneThrottled(context.journal, lane, failure, about);
    context.journal.moveJob(job, 'refused', { failure: null });
  } else if (failure.kind === 'auth' || failure.kind === 'payment') {
    if (failure.kind === 'payment') laneClosed(context.journal, lane, failure);
    else keyRefused(context.journal, lane, { key: keyByHash(lane, attempt.keyHash), failure, by: 'create' });
    context.journal.moveJob(job, 'refused', { failure });
  } else if (failure.kind === 'rejected-content' && context.plan.failoverOnRejection && hasNextChoice(job)) {
    context.journal.moveJob(job, 'refused', { failure, ...nextChoice(job) });
  } else {
    context.journal.moveJob(job, 'fail', { failure });
  }
}

function recordUncertain(context: RunContext, attempt: AttemptRow, lane: Lane, failure: Failure): void {
  const repliedAt = context.clock.nowMs();
  // A reply that the user did not wait for says nothing of the provider.
  if (!context.paidWork?.aborted) {
    const about = { sentAt: attempt.sentAt, random: context.random(), policy: context.options.outageBackoff };
    laneDoubted(context.journal, lane, about);
  }
  const doubted = context.journal.moveAttempt(attempt, 'doubt', { repliedAt, failure });
  const job = jobOf(context, attempt);
  context.journal.moveJob(job, 'hold', { holdReason: 'uncertain', failure });
  if (scheduleSearch(context, doubted)) noteWait(context, doubted, null);
  else giveUpSearch(context, doubted, false);
}

function recordUnsent(context: RunContext, attempt: AttemptRow, lane: Lane, failure: Failure): void {
  context.journal.withdraw(attempt);
  const job = jobOf(context, attempt);
  if (context.options.stop?.aborted) {
    context.journal.moveJob(job, 'unsent', { attemptId: null });
    return;
  }
  if (failure.kind === 'auth') {
    // Such a key can never be sent.
    keyRefused(context.journal, lane, { key: keyByHash(lane, attempt.keyHash), failure, by: 'create' });
    context.journal.moveJob(job, 'unsent', { failure, attemptId: null });
    return;
  }
  const stumbles = job.stumbles + 1;
  const wait = Math.max(250, backoffMs(stumbles, RETRY_BACKOFF, context.random()));
  laneUnreachable(context.journal, lane, failure, { sentAt: attempt.sentAt, random: context.random() });
  if (stumbles >= UNSENT_LIMIT) {
    context.journal.moveJob(job, 'hold', { holdReason: 'unreachable', failure, stumbles, attemptId: null });
    return;
  }
  const readyAt = context.clock.nowMs() + wait;
  context.journal.moveJob(job, 'unsent', { failure, stumbles, readyAt, attemptId: null });
}
