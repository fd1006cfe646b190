import type { CancelResult, RouteId } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { attempts } from '../store/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { type ActionContext, type ActionOptions, jobsOf, withBatch } from './actions.js';

export interface CancelOptions {
  readonly only: (key: string) => boolean;
  /** Asks the provider to stop a prediction; `null` where it has no such verb or the key is missing. */
  readonly askProvider: (attempt: AttemptRow) => Promise<CancelResult | null>;
}

export interface Canceled {
  readonly key: string;
  /** Of the prediction that was running; `null` when none was. */
  readonly route: RouteId | null;
  /** What the provider said; `null`: nothing was running, or it cannot be asked. */
  readonly provider: CancelResult | null;
  /** A prediction is still out there: it may be billed, and the next run goes on asking for its cost. */
  readonly stillOpen: boolean;
}

/**
 * Cancels jobs that have not succeeded. An accepted prediction keeps its attempt: the provider is asked to stop it
 * where it can be, and later runs poll it for its slot and its cost.
 * @throws LocalizeError JOB_UNKNOWN, BATCH_LOCKED
 */
export function cancel(options: ActionOptions, what: CancelOptions): Promise<Canceled[]> {
  return withBatch(options, async (context) => {
    const canceled: Canceled[] = [];
    for (const job of jobsOf(context, what.only)) {
      if (job.state === 'succeeded' || job.state === 'canceled') continue;
      const attempt = acceptedAttempt(context, job);
      context.journal.moveJob(job, 'cancel', { failure: null });
      const provider = attempt ? await what.askProvider(attempt) : null;
      canceled.push({ key: job.key, route: attempt?.route ?? null, provider, stillOpen: attempt !== undefined });
    }
    return canceled;
  });
}

function acceptedAttempt(context: ActionContext, job: JobRow): AttemptRow | undefined {
  return context.journal.store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, job.id), eq(attempts.state, 'accepted')))
    .get();
}
