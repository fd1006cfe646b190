import type { CancelResult, RouteId } from '@localize/core';
import { numberAmongLost } from '../store/attempt-numbers.js';
import { openAttempt } from '../store/open-attempt.js';
import type { AttemptRow } from '../store/store.js';
import { type ActionOptions, type Ask, askAbout, unfinishedJobs, withBatch } from './actions.js';

export interface CancelOptions {
  readonly only: (key: string) => boolean;
  /** Asks the provider to stop a prediction; `null` where it has no such verb or the key is missing. */
  readonly askProvider: Ask<CancelResult | null>;
}

export interface Canceled {
  readonly key: string;
  /** Of the prediction that was running; `null` when none was. */
  readonly route: RouteId | null;
  /** What the provider said; `null`: nothing was running, or it cannot be asked. */
  readonly provider: CancelResult | null;
  /** A prediction is still out there: it may be billed, and the next run goes on asking for its cost. */
  readonly stillOpen: boolean;
  /** A create of it whose reply was lost: nobody knows whether it was bought. `null`: none. */
  readonly lost: AttemptRow | null;
  /** Which of its attempts that is, where it has several such. */
  readonly lostNumber: number | undefined;
}

/**
 * Cancels jobs that have not succeeded. An accepted prediction keeps its attempt: the provider is asked to stop it
 * where it can be, and later runs poll it for its slot and its cost.
 * @throws LocalizeError JOB_UNKNOWN, BATCH_LOCKED
 */
export function cancel(options: ActionOptions, what: CancelOptions): Promise<Canceled[]> {
  return withBatch(options, async (context) => {
    const canceled: Canceled[] = [];
    for (const job of unfinishedJobs(context, what.only)) {
      if (job.state === 'canceled') continue;
      const open = openAttempt(context.journal.store, job);
      const attempt = open?.state === 'accepted' ? open : undefined;
      const lost = open?.state === 'uncertain' ? open : null;
      context.journal.moveJob(job, 'cancel', { failure: null });
      const provider = attempt ? await askAbout(context, what.askProvider, attempt) : null;
      const lostNumber = lost ? numberAmongLost(context.journal.store, job.id) : undefined;
      const route = attempt?.route ?? null;
      canceled.push({ key: job.key, route, provider, stillOpen: attempt !== undefined, lost, lostNumber });
    }
    return canceled;
  });
}
