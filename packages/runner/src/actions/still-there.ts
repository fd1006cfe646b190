import type { StatusResult } from '@localize/core';
import { openAttempt } from '../store/open-attempt.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { type ActionContext, askAbout, unfinishedJobs } from './actions.js';
import type { RetryOptions } from './retry.js';

/** What `retry` has found out about predictions before it changes anything, by ids of attempts. */
export interface StillThere {
  /**
   * Open predictions of held jobs that have something to give after all: they ended late, or the provider knows them again.
   * Those of which it says nothing now are among them too, since nothing is bought on a guess.
   */
  readonly there: ReadonlySet<string>;
  /** Results of predictions that had been called failed. */
  readonly afterAll: ReadonlyMap<string, CompletedAfterAll>;
  /** Predictions that had been called failed, and of which the provider says nothing now: another may be paid besides. */
  readonly unasked: ReadonlySet<string>;
}

export interface CompletedAfterAll {
  /** As it failed. */
  readonly attempt: AttemptRow;
  readonly result: Extract<StatusResult, { state: 'completed' }>;
}

const AT_ONCE = 8;

/** Asks about the predictions of the jobs that are asked for. Free. */
export async function stillThere(
  context: ActionContext,
  { only, look = async () => null }: Pick<RetryOptions, 'only' | 'look'>,
): Promise<StillThere> {
  const there = new Set<string>();
  const afterAll = new Map<string, CompletedAfterAll>();
  const unasked = new Set<string>();
  const asked = [...predictionsToAsk(context, only)];
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE);
    const told = await Promise.all(some.map(({ attempt }) => askAbout(context, look, attempt)));
    for (const [index, { job, attempt }] of some.entries()) {
      const result = told[index] ?? null;
      if (result === null) continue;
      if (attempt.state !== 'failed') {
        const isOpenStill = result.state === 'pending' && job.holdReason === 'timed-out';
        if (result.state !== 'vanished' && !isOpenStill) there.add(attempt.id);
      } else if (result.state === 'completed') afterAll.set(attempt.id, { attempt, result });
      else if (result.state === 'unanswered') unasked.add(attempt.id);
    }
  }
  return { there, afterAll, unasked };
}

interface Asked {
  readonly job: JobRow;
  readonly attempt: AttemptRow;
}

function* predictionsToAsk(context: ActionContext, only: RetryOptions['only']): Generator<Asked> {
  for (const job of unfinishedJobs(context, only)) {
    const open = isOverdue(job) ? openAttempt(context.journal.store, job) : undefined;
    const attempt = open?.state === 'accepted' ? open : paidFailure(context, job);
    if (attempt !== undefined) yield { job, attempt };
  }
}

/**
 * The failed prediction of a job, or one that was canceled, where it was charged or nobody knows: another one would be paid
 * besides.
 */
function paidFailure({ journal }: ActionContext, { state, attemptId }: JobRow): AttemptRow | undefined {
  if ((state !== 'failed' && state !== 'canceled') || attemptId === null) return undefined;
  const where = `WHERE id = ? AND state = 'failed' AND prediction_id IS NOT NULL AND billed_micros IS NOT 0`;
  return findRow(journal.store, attempts, where, attemptId);
}

export function isOverdue({ holdReason }: JobRow): boolean {
  return holdReason === 'timed-out' || holdReason === 'vanished';
}
