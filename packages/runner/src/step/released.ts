import { isTakenUpAgain } from '@localize/core';
import type { Lane } from '../lanes/lane.js';
import { jobOf, type RunContext } from '../run-context.js';
import { writeUnlessMoved } from '../store/journal.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { noteLook } from './looks.js';
import { lookAt, recordAnswer } from './poll.js';

/** Longer than a run stays that has nothing else to do: nobody waits for it. */
const AGAIN_MS = 90_000;

/**
 * Looks at a prediction that the user gave up, overdue or unknown to its provider, to have another bought. It may end
 * all the same: then its bill is booked, and a job that has not been bought again yet takes its result.
 */
export async function lookAtReleased(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<void> {
  const { journal, clock, freeWork } = context;
  const look = await lookAt(context, attempt, lane);
  const { key, answer, result, againMs } = look;
  if (freeWork.aborted && result.state === 'unanswered') return;
  const write = () => {
    noteLook(context, lane, key, answer);
    if ((result.state !== 'completed' && result.state !== 'failed') || againMs !== null) {
      return journal.patchAttempt(attempt, { searchAt: clock.nowMs() + AGAIN_MS });
    }
    recordAnswer(context, attempt, { ...look, result });
    const job = jobOf(context, attempt);
    if (result.state !== 'completed' || !isToBeBought(job)) return;
    journal.moveJob(job, 'refetch', { attemptId: attempt.id, stumbles: 0, readyAt: 0, failure: null });
  };
  writeUnlessMoved(() => journal.transact(write));
}

function isToBeBought({ state, holdReason }: JobRow): boolean {
  return state === 'pending' || state === 'staging' || (holdReason !== null && isTakenUpAgain(holdReason));
}
