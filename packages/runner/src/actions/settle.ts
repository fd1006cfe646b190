import { type AttemptState, type JsonObject, LocalizeError, OPEN_ATTEMPT_STATES } from '@localize/core';
import { and, eq, inArray } from 'drizzle-orm';
import { PRESENT } from '../step/absence.js';
import { attempts } from '../store/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { type ActionOptions, jobByKey, withBatch } from './actions.js';

/** The user's word on a create whose reply was lost. */
export type Settlement =
  | { readonly kind: 'prediction'; readonly predictionId: string; readonly referenceFor: ReferenceFor }
  | { readonly kind: 'not-bought' }
  | { readonly kind: 'abandon' };

type ReferenceFor = (route: string, predictionId: string) => JsonObject;

/**
 * Settles one uncertain attempt: it is this prediction; it was never bought; or give it up (its money stays at risk). A
 * prediction that the provider does not know may be named anew.
 * @throws LocalizeError JOB_UNKNOWN, SETTLE_NOT_POSSIBLE, BATCH_LOCKED
 */
export function settle(options: ActionOptions, key: string, settlement: Settlement): Promise<void> {
  return withBatch(options, (context) => {
    const { journal } = context;
    const job = jobByKey(context, key);
    const attempt = unsettledAttempt(options, job, settlement.kind);
    const now = journal.clock.nowMs();
    journal.transact(() => {
      if (settlement.kind === 'prediction') {
        refuseOwned(options, attempt, settlement.predictionId);
        refuseTwin(options, attempt, key);
        const reference = settlement.referenceFor(attempt.route, settlement.predictionId);
        const { predictionId } = settlement;
        const patch = { predictionId, reference, acceptedAt: now, pollAt: now, searchAt: null, failure: null };
        if (attempt.state === 'accepted') journal.patchAttempt(attempt, { ...patch, ...PRESENT });
        else journal.moveAttempt(attempt, 'accept', patch);
        if (job.state === 'held' || job.state === 'failed') {
          journal.moveJob(job, 'found', { attemptId: attempt.id, failure: null });
        }
      } else {
        const event = settlement.kind === 'not-bought' ? 'refuse' : 'abandon';
        journal.moveAttempt(attempt, event, { endedAt: now, searchAt: null });
        if (job.state !== 'held') return;
        if (settlement.kind === 'not-bought')
          journal.moveJob(job, 'retry', { attemptId: null, failure: null, readyAt: 0 });
        else journal.moveJob(job, 'cancel', {});
      }
    });
  });
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
  if (attempt === undefined) {
    throw new LocalizeError('SETTLE_NOT_POSSIBLE', `${job.key} has no create whose reply was lost`, {
      hint: 'localize status shows what each job waits for',
    });
  }
  return attempt;
}

function refuseTwin(options: ActionOptions, attempt: AttemptRow, key: string): void {
  const open = options.store.db
    .select({ id: attempts.id })
    .from(attempts)
    .where(and(eq(attempts.jobId, attempt.jobId), inArray(attempts.state, [...OPEN_ATTEMPT_STATES])))
    .all();
  if (open.every(({ id }) => id === attempt.id)) return;
  throw new LocalizeError('SETTLE_NOT_POSSIBLE', `${key} was bought again, and that attempt is still open`, {
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
