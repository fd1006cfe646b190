import { type IdentifyResult, type JobState, type JsonObject, LocalizeError, plainText } from '@localize/core';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { PRESENT } from '../step/absence.js';
import { lostUnderFormerName } from '../store/former-names.js';
import type { Journal } from '../store/journal.js';
import { isOpenAttempt, openAttempt } from '../store/open-attempt.js';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema.js';
import type { AttemptRow, JobRow, Store } from '../store/store.js';
import { type ActionContext, type ActionOptions, type Ask, askAbout, jobByKey, withBatch } from './actions.js';

/** The user's word on a create whose reply was lost; `not-bought` also on a failure that nobody says was charged. */
export type Settlement =
  | {
      readonly kind: 'prediction';
      readonly predictionId: string;
      readonly referenceFor: ReferenceFor;
      /** Asks the provider whether it is; `null` takes the user's word alone. */
      readonly identify: Identify | null;
    }
  | { readonly kind: 'not-bought' }
  | { readonly kind: 'abandon' };

type ReferenceFor = (route: string, predictionId: string) => JsonObject;
export type Identify = (reference: JsonObject, predictionId: string) => Ask<IdentifyResult>;

/** What the provider said of the prediction that was named: `null` where it was not asked, or none was named. */
export type Identified = 'same' | 'unknown' | null;

export interface Settled {
  readonly identified: Identified;
  /** Of the job, now: `canceled` where nothing goes on by itself. */
  readonly state: JobState;
}

/**
 * Settles one uncertain attempt: it is this prediction; it was never bought; or give it up (its money stays at risk). A
 * prediction that the provider does not know may be named anew. What a job waits for that was bought while its batch had
 * another name is settled there.
 * @throws LocalizeError JOB_UNKNOWN, SETTLE_NOT_POSSIBLE, PREDICTION_UNPROVEN, BATCH_LOCKED
 */
export async function settle(options: ActionOptions, key: string, settlement: Settlement): Promise<Settled> {
  const former = await withBatch(options, (context) => lostUnderFormerName(options.store, jobByKey(context, key)));
  return settleOwn(former === null ? options : { ...options, batch: former.batch }, key, settlement);
}

function settleOwn(options: ActionOptions, key: string, settlement: Settlement): Promise<Settled> {
  return withBatch(options, async (context) => {
    const { journal } = context;
    const job = jobByKey(context, key);
    const attempt = unsettledAttempt(options, job, settlement);
    const identified =
      settlement.kind === 'prediction' ? await requireOurs(options, context, { job, attempt }, settlement) : null;
    const about = { job, attempt, identified, isBoughtAgain: isBoughtAgain(options, job, attempt) };
    const { state } = journal.transact(() => record(journal, about, settlement));
    return { identified, state };
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
  const fresh = { searchAt: null, searches: 0, failure: null };
  if (attempt.state === 'accepted') journal.patchAttempt(attempt, { ...patch, ...fresh, ...PRESENT });
  else journal.moveAttempt(attempt, 'accept', { ...patch, ...fresh });
  if (identified !== 'same') {
    journal.note(NAMED, { jobId: job.id, attemptId: attempt.id, data: { predictionId, identified } });
  }
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
  const now = journal.clock.nowMs();
  if (attempt.state === 'failed') journal.patchAttempt(attempt, NOT_CHARGED);
  // Its provider had accepted it: that it came to nothing and was not charged is what can be said of it.
  else if (attempt.predictionId !== null)
    journal.moveAttempt(attempt, 'fail', { ...NOT_CHARGED, endedAt: now, searchAt: null });
  else journal.moveAttempt(attempt, 'refuse', { endedAt: now, searchAt: null });
  if (attempt.state === 'failed') return job;
  if (job.state !== 'held' || isBoughtAgain) return job;
  return journal.moveJob(job, 'retry', { attemptId: null, failure: null, readyAt: 0 });
}

/** Also where it had been given up to be bought again: the last word counts, and then nothing is bought. */
function recordAbandoned(journal: Journal, { job, attempt, isBoughtAgain }: About): JobRow {
  if (attempt.state !== 'abandoned') {
    journal.moveAttempt(attempt, 'abandon', { endedAt: journal.clock.nowMs(), searchAt: null });
  }
  if (isBoughtAgain || (job.state !== 'held' && job.state !== 'pending')) return job;
  return journal.moveJob(job, 'cancel', { attemptId: attempt.id });
}

/** By the user's word: no provider and no price list has said so. */
const NOT_CHARGED = { billedMicros: 0, costSource: 'none' } as const;

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
  const onYourWord = '--unchecked takes it on your word';
  switch (found.state) {
    case 'vanished':
      throw unproven(`${provider} knows no prediction ${predictionId}`, `copy the id from ${provider}’s own list`);
    case 'unanswered': {
      const why = plainText(found.failure.message);
      const message = `${provider} could not be asked whether ${predictionId} is the prediction of ${key}: ${why}`;
      throw unproven(message, `mend that and say it again; ${onYourWord}`);
    }
    case 'known':
      if (found.inputs !== 'different') return found.inputs;
      throw unproven(
        `${provider} says that ${predictionId} was not made of what was sent for ${key}`,
        `localize status names the predictions that may be it; ${onYourWord}`,
      );
  }
}

function unproven(message: string, hint: string): LocalizeError {
  return new LocalizeError('PREDICTION_UNPROVEN', message, { hint });
}

function unsettledAttempt(options: ActionOptions, job: JobRow, settlement: Settlement): AttemptRow {
  const unsettled = options.store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, job.id), inArray(attempts.state, ['uncertain', 'abandoned'])))
    .all();
  const other = { prediction: mistakenly, 'not-bought': failureAtRisk, abandon: () => undefined };
  const found = meantBy(settlement, unsettled) ?? other[settlement.kind](options, job);
  if (found !== undefined) return found;
  const known = unsettled.at(-1)?.predictionId ?? null;
  if (known === null) {
    throw new LocalizeError('SETTLE_NOT_POSSIBLE', `${job.key} has no create whose reply was lost`, {
      hint: 'localize status shows what each job waits for',
    });
  }
  throw new LocalizeError(
    'SETTLE_NOT_POSSIBLE',
    `${job.key} was bought as ${known}, and its provider may still end that`,
    {
      hint: 'each run asks for it, and books its bill and takes its result once there is one',
    },
  );
}

/**
 * Which of several is meant: the one that has the named id, else one whose reply was lost. One that was accepted keeps its
 * id, and while its provider knows it nobody can say that it was not bought.
 */
function meantBy(settlement: Settlement, unsettled: readonly AttemptRow[]): AttemptRow | undefined {
  const lost = unsettled.filter(({ predictionId }) => predictionId === null);
  switch (settlement.kind) {
    case 'prediction':
      return unsettled.find(({ predictionId }) => predictionId === settlement.predictionId) ?? lost.at(-1);
    case 'not-bought':
      return lost.at(-1) ?? unsettled.filter(({ missing }) => missing > 0).at(-1);
    case 'abandon':
      return unsettled.filter(({ state }) => state === 'uncertain').at(-1) ?? unsettled.at(-1);
  }
}

/**
 * The last attempt, where a person's earlier word on it can be corrected by naming its prediction: it was said not to have been
 * bought; or the id was taken on that word alone; or the provider does not know it, so that it may have been mistyped.
 */
function mistakenly({ store }: ActionOptions, job: JobRow): AttemptRow | undefined {
  const last = findRow(store, attempts, 'WHERE job_id = ? ORDER BY rowid DESC LIMIT 1', job.id);
  if (last?.state === 'refused') return wasLost(store, last) ? last : undefined;
  if (last?.state !== 'accepted') return undefined;
  return job.holdReason === 'vanished' || isOnWord(store, last) ? last : undefined;
}

/** Whether its reply was lost, and its end is a person's word. */
function wasLost(store: Store, { id, jobId }: AttemptRow): boolean {
  const row = prepared<[number, string], unknown>(
    store,
    `SELECT 1 FROM history WHERE job_id = ? AND attempt_id = ? AND kind = 'attempt'
       AND data ->> 'event' = 'refuse' AND data ->> 'from' IN ('uncertain', 'abandoned') LIMIT 1`,
  ).get(jobId, id);
  return row !== undefined;
}

/** Whether somebody named its prediction, and nothing says that it was made of what was sent. */
function isOnWord(store: Store, { id, jobId }: AttemptRow): boolean {
  const row = prepared<[number, string, string], unknown>(
    store,
    'SELECT 1 FROM history WHERE job_id = ? AND attempt_id = ? AND kind = ? LIMIT 1',
  ).get(jobId, id, NAMED);
  return row !== undefined;
}

/** The kind of history's entry for a prediction that a person names and that nobody vouches for. */
const NAMED = 'named';

/** It failed at the provider, or came back empty, and nobody has said whether it was charged. */
function failureAtRisk({ store }: ActionOptions, { id }: JobRow): AttemptRow | undefined {
  return store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, id), eq(attempts.state, 'failed'), isNull(attempts.billedMicros)))
    .all()
    .at(-1);
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
