import { type AttemptState, type IdentifyResult, type JsonObject, LocalizeError, plainText } from '@localize/core';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { PRESENT } from '../step/absence.js';
import { lostUnderFormerName } from '../store/former-names.js';
import { isOpenAttempt, openAttempt } from '../store/open-attempt.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
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
export type Identify = (reference: JsonObject) => Ask<IdentifyResult>;

/** What the provider said of the prediction that was named: `null` where it was not asked, or none was named. */
export type Identified = 'same' | 'unknown' | null;

/**
 * Settles one uncertain attempt: it is this prediction; it was never bought; or give it up (its money stays at risk). A
 * prediction that the provider does not know may be named anew. What a job waits for that was bought while its batch had
 * another name is settled there.
 * @throws LocalizeError JOB_UNKNOWN, SETTLE_NOT_POSSIBLE, PREDICTION_UNPROVEN, BATCH_LOCKED
 */
export async function settle(options: ActionOptions, key: string, settlement: Settlement): Promise<Identified> {
  const former = await withBatch(options, (context) => lostUnderFormerName(options.store, jobByKey(context, key)));
  return settleOwn(former === null ? options : { ...options, batch: former.batch }, key, settlement);
}

function settleOwn(options: ActionOptions, key: string, settlement: Settlement): Promise<Identified> {
  return withBatch(options, async (context) => {
    const { journal } = context;
    const job = jobByKey(context, key);
    const attempt = unsettledAttempt(options, job, settlement.kind);
    const identified =
      settlement.kind === 'prediction' ? await requireOurs(options, context, { job, attempt }, settlement) : null;
    const now = journal.clock.nowMs();
    journal.transact(() => {
      if (settlement.kind === 'prediction') {
        const { predictionId } = settlement;
        const reference = settlement.referenceFor(attempt.route, predictionId);
        const patch = { predictionId, reference, acceptedAt: now, pollAt: now, searchAt: null, failure: null };
        if (attempt.state === 'accepted') journal.patchAttempt(attempt, { ...patch, ...PRESENT });
        else journal.moveAttempt(attempt, 'accept', patch);
        if ((job.state === 'held' || job.state === 'failed') && !isBoughtAgain(options, job, attempt)) {
          journal.moveJob(job, 'found', { attemptId: attempt.id, failure: null });
        }
      } else {
        if (attempt.state === 'failed') return void journal.patchAttempt(attempt, NOT_CHARGED);
        const event = settlement.kind === 'not-bought' ? 'refuse' : 'abandon';
        const isSaid = attempt.state === 'abandoned' && event === 'abandon';
        if (isSaid) return;
        journal.moveAttempt(attempt, event, { endedAt: now, searchAt: null });
        if (job.state !== 'held' || isBoughtAgain(options, job, attempt)) return;
        if (settlement.kind === 'not-bought')
          journal.moveJob(job, 'retry', { attemptId: null, failure: null, readyAt: 0 });
        else journal.moveJob(job, 'cancel', {});
      }
    });
    return identified;
  });
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
  const found = await askAbout(context, identify(referenceFor(attempt.route, predictionId)), attempt);
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

/** The provider knows nothing of a vanished prediction: its id may have been mistyped, and another may be named. */
function unsettledAttempt(options: ActionOptions, job: JobRow, kind: Settlement['kind']): AttemptRow {
  const isMistyped = job.holdReason === 'vanished' && kind === 'prediction';
  const states: AttemptState[] = isMistyped ? ['uncertain', 'abandoned', 'accepted'] : ['uncertain', 'abandoned'];
  const attempt = options.store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, job.id), inArray(attempts.state, states)))
    .all()
    .at(-1);
  const found = attempt ?? (kind === 'not-bought' ? failureAtRisk(options, job) : undefined);
  if (found === undefined) {
    throw new LocalizeError('SETTLE_NOT_POSSIBLE', `${job.key} has no create whose reply was lost`, {
      hint: 'localize status shows what each job waits for',
    });
  }
  return found;
}

/** It failed at the provider, or came back empty, and nobody has said whether it was charged. */
function failureAtRisk({ store }: ActionOptions, { id }: JobRow): AttemptRow | undefined {
  return store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, id), eq(attempts.state, 'failed'), isNull(attempts.billedMicros)))
    .all()
    .at(-1);
}

/** A later purchase is what the job waits for: what is said of an earlier one settles that one's money alone. */
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
  if (owner === undefined) return;
  throw new LocalizeError('SETTLE_NOT_POSSIBLE', `prediction ${predictionId} already belongs to another attempt`, {
    hint: 'check the id on the provider’s own page',
  });
}
