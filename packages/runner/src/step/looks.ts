import type { Failure, FindResult, StatusResult } from '@localize/core';
import type { Lane, OpenKey } from '../lanes/lane.js';
import { keyAnswered, keyRefused } from '../lanes/refused-keys.js';
import { createsEnded, type RunContext } from '../run-context.js';
import type { AttemptRow } from '../store/store.js';

/** What a look with one of an account's keys says of the prediction, and of the key. */

/**
 * The answer as one about the prediction. A refused key is named. That another key than the one that bought it does not
 * know it proves nothing: whether two keys are of one account, only the user has said.
 */
export function asAnswerTo(key: OpenKey, { keyHash }: AttemptRow, answer: StatusResult): StatusResult {
  if (answer.state === 'unanswered' && answer.failure.kind === 'auth') {
    const message = `${key.variable} is refused: ${answer.failure.message}`;
    return { state: 'unanswered', failure: { ...answer.failure, message } };
  }
  if (answer.state === 'vanished' && key.hash !== keyHash) {
    const message = `${key.variable} did not buy it and does not know it: ${answer.failure.message}`;
    return { state: 'unanswered', failure: { ...answer.failure, kind: 'auth', message } };
  }
  return answer;
}

/**
 * Writes down what a look says of its key.
 * @returns whether the key was refused while another is left to ask with
 */
export function noteLook(context: RunContext, lane: Lane, key: OpenKey, answer: StatusResult | FindResult): boolean {
  // A borrowed key is looked after on its own lane.
  if (lane.looksOnly) return false;
  if (answer.state !== 'unanswered') {
    keyAnswered(context.journal, lane, key, createsEnded(context) ? null : context.batchId);
    return false;
  }
  const { failure } = answer;
  return isRefusedKey(failure) && keyRefused(context.journal, lane, { key, failure, by: 'look' });
}

/** A 403 may be about the one thing that was asked for. */
function isRefusedKey({ kind, httpStatus }: Failure): boolean {
  return kind === 'auth' && httpStatus !== 403;
}
