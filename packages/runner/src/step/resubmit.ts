import { covers, type Failure, formatSeconds } from '@localize/core';
import { and, eq, isNull } from 'drizzle-orm';
import { isOwn, isSelected, jobOf, providerOf, type RunContext } from '../run-context.js';
import { expectedPrice, wasPriceLost } from '../store/money/seen-prices.js';
import { attempts, jobs } from '../store/schema/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';

/** How long a list is read on that proves nothing: it shows what may be the lost create, or nobody can read it. */
const PATIENCE_IN_LAGS = 2;
/** How often one job may be bought again after a lost create, by the user's word in the manifest. */
const RESUBMITS = { absent: 1, resubmit: 2 } as const;

/** How far a provider's list may be behind, in milliseconds. */
export function lagMs(context: RunContext, attempt: AttemptRow): number {
  const facts = context.options.catalogue.providers.find((provider) => provider.id === attempt.provider);
  return facts?.listingLagMs ?? 30_000;
}

export function patienceMs(context: RunContext, attempt: AttemptRow): number {
  return PATIENCE_IN_LAGS * lagMs(context, attempt);
}

/**
 * Absence leaves it held, unless the user said beforehand to buy again: `absent` once and only where the list was read
 * and lacks it, `resubmit` also without that.
 * @returns whether it was given up, and the job is to be bought again
 */
export function giveUpSearch(context: RunContext, attempt: AttemptRow, absent: boolean): boolean {
  const { onUncertain } = context.plan;
  if (onUncertain === 'hold' || (onUncertain === 'absent' && !absent)) return false;
  const job = jobOf(context, attempt);
  if (!mayGiveUp(context, attempt, job, RESUBMITS[onUncertain])) return false;
  context.journal.moveAttempt(attempt, 'abandon', { endedAt: context.clock.nowMs() });
  context.journal.moveJob(job, 'retry', { readyAt: context.clock.nowMs(), attemptId: null });
  return true;
}

/** Whether the manifest has said to buy another, also where nobody can read the provider's list. */
export function isBoughtAgain(context: RunContext, attempt: AttemptRow): boolean {
  if (context.plan.onUncertain !== 'resubmit') return false;
  return mayGiveUp(context, attempt, jobOf(context, attempt), RESUBMITS.resubmit);
}

function mayGiveUp(context: RunContext, attempt: AttemptRow, job: JobRow, atMost: number): boolean {
  // What this manifest says is said of its own batch.
  if (!isOwn(context, attempt) || !isHeldFor(job, attempt) || attempt.state !== 'uncertain') return false;
  return givenUp(context, job) < atMost && !isSecondUnpriced(context, attempt, job);
}

function isHeldFor(job: JobRow, attempt: AttemptRow): boolean {
  return job.state === 'held' && job.attemptId === attempt.id;
}

/** How many lost creates of a job were given up to buy another. */
function givenUp({ store }: RunContext, job: JobRow): number {
  const isGivenUp = and(eq(attempts.jobId, job.id), eq(attempts.state, 'abandoned'), isNull(attempts.predictionId));
  return store.db.select({ id: attempts.id }).from(attempts).where(isGivenUp).all().length;
}

/**
 * Whether a cap counts it at a price of which only a minimum is known, and the create before it that was to tell that was
 * lost, too: what was said beforehand is not said of any number of creates at a price that nobody knows.
 */
function isSecondUnpriced({ store, budget, plan }: RunContext, { route }: AttemptRow, { planned }: JobRow): boolean {
  const choice = planned.choices.find((each) => each.route === route);
  if (choice === undefined) return false;
  if (expectedPrice(store, choice, planned.durationMs, plan.prices).certainty !== 'floor') return false;
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

/**
 * Says in the job's reason what its lost create waits for: a list that cannot be read, and until when a run looks for it
 * before it buys another by the manifest's word.
 * @param unread why the list cannot be read; `null`: it can, or nobody has looked yet
 */
export function noteWait(context: RunContext, attempt: AttemptRow, unread: Failure | null): void {
  const job = jobOf(context, attempt);
  if (!isHeldFor(job, attempt) || job.holdReason !== 'uncertain' || attempt.failure === null) return;
  const message = [attempt.failure.message, ...unreadWords(attempt, unread), ...untilBoughtAgain(context, attempt)];
  const failure: Failure = { ...attempt.failure, message: message.join('; ') };
  if (failure.message !== job.failure?.message) context.journal.patchJob(job, { failure });
}

/** The same for the run's own words, where the list has just turned out not to be readable. */
export function tellUnread(context: RunContext, attempt: AttemptRow, unread: Failure): void {
  const words = [...unreadWords(attempt, unread), ...untilBoughtAgain(context, attempt)];
  const message = words.join('; ');
  context.journal.tellOf(attempt.jobId, (key) => ({ type: 'problem', key, message }));
}

function unreadWords({ provider }: AttemptRow, unread: Failure | null): string[] {
  return unread === null
    ? []
    : [`the list of ${provider}, in which it is looked for, cannot be read: ${unread.message}`];
}

function untilBoughtAgain(context: RunContext, attempt: AttemptRow): string[] {
  if (!isBoughtAgain(context, attempt)) return [];
  const patience = formatSeconds(patienceMs(context, attempt));
  return [`a run that has not found it ${patience} after that buys it again (on_uncertain: resubmit)`];
}
