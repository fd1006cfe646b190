import {
  formatUsd,
  type IdentifyResult,
  type JobState,
  type JsonObject,
  LocalizeError,
  type Micros,
  plainText,
} from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { PRESENT } from '../step/absence.js';
import { lostNumbers } from '../store/attempt-numbers.js';
import type { Journal } from '../store/journal.js';
import { rememberPrice } from '../store/money/seen-prices.js';
import { isOpenAttempt, openAttempt } from '../store/open-attempt.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { type ActionContext, type ActionOptions, type Ask, askAbout, jobByKey, withBatch } from './actions.js';
import { settledAs } from './former-job.js';
import { meantAttempt } from './meant-attempt.js';
import { NAMED, PROVEN } from './said-before.js';

/**
 * The user's word on a create whose reply was lost; `not-bought` and `charged` are that on a failure of which nobody says
 * whether it was charged.
 */
export type Settlement = Word & {
  /** Which attempt of the job is meant, as reports number them; else the one that the word can only be about. */
  readonly attempt?: number | undefined;
};

type Word =
  | {
      readonly kind: 'prediction';
      readonly predictionId: string;
      readonly referenceFor: ReferenceFor;
      /** Asks the provider whether it is; `null` takes the user's word alone. */
      readonly identify: Identify | null;
    }
  | { readonly kind: 'not-bought'; readonly predictionId?: WhichFailure }
  /** It failed, or its reply was lost, and it was charged all the same. */
  | { readonly kind: 'charged'; readonly micros: Micros; readonly predictionId?: WhichFailure }
  | { readonly kind: 'abandon' };

/** The failed prediction that is meant, where a job has several; else the one that the last word was about, or the newest. */
type WhichFailure = string | undefined;

type ReferenceFor = (route: string, predictionId: string) => JsonObject;
export type Identify = (reference: JsonObject, predictionId: string) => Ask<IdentifyResult>;

/** What the provider said of the prediction that was named: `null` where it was not asked, or none was named. */
export type Identified = 'same' | 'unknown' | null;

export interface Settled {
  /** The one that was settled, as it was before. */
  readonly attempt: AttemptRow;
  readonly identified: Identified;
  /** Other creates of the job whose replies were lost and that are not settled, by their numbers. */
  readonly openNumbers: readonly number[];
  /** Of the job, now: `canceled` where nothing goes on by itself. */
  readonly state: JobState;
  /** The name of its batch when that was bought, where it was another. */
  readonly formerBatch?: string;
}

/**
 * Settles one uncertain attempt: it is this prediction; it was never bought; or give it up (its money stays at risk). Or
 * gives up a prediction that no key is left for; or says of one that failed whether it was charged. A prediction that the provider does not know may be named anew. What a job
 * waits for that was bought while its batch had another name is settled there.
 * @throws LocalizeError JOB_UNKNOWN, SETTLE_NOT_POSSIBLE, PREDICTION_UNPROVEN, BATCH_LOCKED
 */
export async function settle(options: ActionOptions, key: string, settlement: Settlement): Promise<Settled> {
  const former = await withBatch(options, (context) => settledAs(options.store, jobByKey(context, key), settlement));
  if (former === null) return settleOwn(options, key, settlement);
  // That is where it was, whatever has become of its manifest.
  const { from: _, ...others } = options;
  const settled = await settleOwn({ ...others, batch: former.batch }, former.key, settlement);
  const { state } = await withBatch(options, (context) => jobByKey(context, key));
  return { ...settled, state, formerBatch: former.batch };
}

function settleOwn(options: ActionOptions, key: string, settlement: Settlement): Promise<Settled> {
  return withBatch(options, async (context) => {
    const { journal } = context;
    const job = jobByKey(context, key);
    const attempt = meantAttempt(options.store, job, settlement);
    const identified =
      settlement.kind === 'prediction' ? await requireOurs(options, context, { job, attempt }, settlement) : null;
    const about = { job, attempt, identified, isBoughtAgain: isBoughtAgain(options, job, attempt) };
    const { state } = journal.transact(() => record(journal, about, settlement));
    const openNumbers = lostNumbers(options.store, job.id, attempt.id);
    return { attempt, identified, openNumbers, state };
  });
}

interface About {
  readonly job: JobRow;
  readonly attempt: AttemptRow;
  readonly identified: Identified;
  /** A later purchase is what the job waits for: only the earlier one's money is settled. */
  readonly isBoughtAgain: boolean;
}

/** @returns the job as it is then */
function record(journal: Journal, about: About, settlement: Settlement): JobRow {
  switch (settlement.kind) {
    case 'prediction':
      return recordPrediction(journal, about, settlement);
    case 'not-bought':
      return recordNotBought(journal, about);
    case 'charged':
      return recordCharged(journal, about, settlement.micros);
    case 'abandon':
      return recordAbandoned(journal, about);
  }
}

function recordPrediction(
  journal: Journal,
  { job, attempt, identified, isBoughtAgain }: About,
  { predictionId, referenceFor }: Extract<Settlement, { kind: 'prediction' }>,
): JobRow {
  const now = journal.clock.nowMs();
  const reference = referenceFor(attempt.route, predictionId);
  const patch = { predictionId, reference, acceptedAt: now, pollAt: now, endedAt: null };
  // What was said of its cost before was said of one that nobody could fetch.
  const fresh = { searchAt: null, searches: 0, failure: null, billedMicros: null, costSource: 'none' } as const;
  if (attempt.state === 'accepted') journal.patchAttempt(attempt, { ...patch, ...fresh, ...PRESENT });
  else journal.moveAttempt(attempt, 'accept', { ...patch, ...fresh });
  const vouched = identified === 'same' ? PROVEN : NAMED;
  journal.note(vouched, { jobId: job.id, attemptId: attempt.id, data: { predictionId, identified } });
  if (isBoughtAgain || !waitsFor(job, attempt)) return job;
  return journal.moveJob(job, 'found', { attemptId: attempt.id, failure: null });
}

/**
 * Also one that was to be bought again, and now need not be; and one that was canceled by giving this very create up,
 * which its prediction takes back. A job that was canceled for itself stays so.
 */
function waitsFor({ state, attemptId }: JobRow, attempt: AttemptRow): boolean {
  if (state === 'canceled') return attempt.state === 'abandoned' && attemptId === attempt.id;
  return state === 'held' || state === 'failed' || state === 'pending';
}

function recordNotBought(journal: Journal, { job, attempt, isBoughtAgain }: About): JobRow {
  // Its provider had accepted it: that it came to nothing and was not charged is what can be said of it.
  if (attempt.state === 'failed' || attempt.predictionId !== null) recordBill(journal, attempt, 0);
  else journal.moveAttempt(attempt, 'refuse', { endedAt: journal.clock.nowMs(), searchAt: null, billedMicros: null });
  if (attempt.state === 'failed') return job;
  if (job.state !== 'held' || isBoughtAgain) return job;
  return journal.moveJob(job, 'retry', { attemptId: null, failure: null, readyAt: 0 });
}

/**
 * The job needs no more than before: it failed, or does not wait for this attempt. A lost create that nobody can name is
 * charged and lost: it is given up, and its money is no longer at risk.
 */
function recordCharged(journal: Journal, about: About, micros: Micros): JobRow {
  const { job, attempt } = about;
  const choice = job.planned.choices.find(({ route }) => route === attempt.route);
  // Where only a minimum is published, that is what is known of its price.
  if (choice !== undefined) rememberPrice(journal.store, choice, micros, job.planned.durationMs);
  if (attempt.predictionId === null && attempt.state !== 'failed') {
    journal.patchAttempt(attempt, onYourWord(micros));
    noteBill(journal, attempt, micros);
    return recordAbandoned(journal, about);
  }
  recordBill(journal, attempt, micros);
  return job;
}

/** Of one that failed, or that its provider no longer knows; or of a result without a bill. */
function recordBill(journal: Journal, attempt: AttemptRow, micros: Micros): void {
  const { state } = attempt;
  const hasEnded = state === 'failed' || state === 'completed' || state === 'lost';
  if (hasEnded) journal.patchAttempt(attempt, onYourWord(micros));
  else journal.moveAttempt(attempt, 'fail', { ...onYourWord(micros), endedAt: journal.clock.nowMs(), searchAt: null });
  noteBill(journal, attempt, micros);
}

function noteBill(journal: Journal, { id: attemptId, jobId }: AttemptRow, micros: Micros): void {
  journal.note('billed', { jobId, attemptId, data: { usd: formatUsd(micros), by: 'settle' } });
}

/**
 * Also where it had been given up to be bought again: the last word counts, and then nothing is bought. A prediction that no
 * key could ask for is looked at for its bill once one can.
 */
function recordAbandoned(journal: Journal, { job, attempt, isBoughtAgain }: About): JobRow {
  const now = journal.clock.nowMs();
  const searchAt = attempt.state === 'accepted' ? now : null;
  if (attempt.state !== 'abandoned') {
    journal.moveAttempt(attempt, 'abandon', { endedAt: now, pollAt: null, searchAt });
  }
  if (isBoughtAgain || (job.state !== 'held' && job.state !== 'pending')) return job;
  return journal.moveJob(job, 'cancel', { attemptId: attempt.id });
}

/** No provider and no price list has said so. */
function onYourWord(billedMicros: Micros) {
  return { billedMicros, costSource: 'none' } as const;
}

/**
 * A mistyped id would deliver somebody else's video and book its cost, and leave what was really bought to nobody: so the
 * provider must know it, and must not say that it was made of something else.
 */
async function requireOurs(
  options: ActionOptions,
  context: ActionContext,
  { job, attempt }: { job: JobRow; attempt: AttemptRow },
  { predictionId, referenceFor, identify }: Extract<Settlement, { kind: 'prediction' }>,
): Promise<Identified> {
  refuseOwned(options, attempt, predictionId);
  refuseTwin(options, attempt, job);
  if (identify === null) return null;
  const { key } = job;
  const { provider } = attempt;
  const found = await askAbout(context, identify(referenceFor(attempt.route, predictionId), predictionId), attempt);
  const unchecked = '--unchecked takes it on your word';
  switch (found.state) {
    case 'vanished':
      throw unproven(`${provider} knows no prediction ${predictionId}`, `copy the id from ${provider}’s own list`);
    case 'unanswered': {
      const why = plainText(found.failure.message);
      const message = `${provider} could not be asked whether ${predictionId} is the prediction of ${key}: ${why}`;
      throw unproven(message, `mend that and say it again; ${unchecked}`);
    }
    case 'known':
      if (found.inputs !== 'different') return found.inputs;
      throw unproven(
        `${provider} says that ${predictionId} was not made of what was sent for ${key}`,
        `localize status names the predictions that may be it; ${unchecked}`,
      );
  }
}

function unproven(message: string, hint: string): LocalizeError {
  return new LocalizeError('PREDICTION_UNPROVEN', message, { hint });
}

function isBoughtAgain({ store }: ActionOptions, { attemptId }: JobRow, { id }: AttemptRow): boolean {
  if (attemptId === null || attemptId === id) return false;
  const current = findRow(store, attempts, 'WHERE id = ?', attemptId);
  return current?.state === 'completed' || (current !== undefined && isOpenAttempt(current));
}

function refuseTwin({ store }: ActionOptions, attempt: AttemptRow, job: JobRow): void {
  const open = openAttempt(store, job);
  if (open === undefined || open.id === attempt.id) return;
  throw new LocalizeError('SETTLE_NOT_POSSIBLE', `${job.key} was bought again, and that attempt is still open`, {
    hint: 'run the batch until it has ended, then settle the older one',
  });
}

function refuseOwned(options: ActionOptions, attempt: AttemptRow, predictionId: string): void {
  const owner = options.store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.provider, attempt.provider), eq(attempts.predictionId, predictionId)))
    .get();
  if (owner === undefined || owner.id === attempt.id) return;
  throw new LocalizeError('SETTLE_NOT_POSSIBLE', `prediction ${predictionId} already belongs to another attempt`, {
    hint: 'check the id on the provider’s own page',
  });
}
