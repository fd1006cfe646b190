import { LocalizeError } from '@localize/core';
import { attemptNumbers } from '../store/attempt-numbers.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow, JobRow, Store } from '../store/store.js';
import { isLostEndedSince, lastTold } from './said-before.js';

export const STATUS_SHOWS = 'localize status shows what each job waits for';

export function notPossible(message: string, hint: string = STATUS_SHOWS): LocalizeError {
  return new LocalizeError('SETTLE_NOT_POSSIBLE', message, { hint });
}

/** @throws LocalizeError SETTLE_NOT_POSSIBLE where the job has no attempt of that number */
export function numberedAttempt(store: Store, job: JobRow, number: number): AttemptRow {
  const numbers = attemptNumbers(store, job.id);
  const [id] = [...numbers].find(([, each]) => each === number) ?? [];
  const row = id === undefined ? undefined : findRow(store, attempts, 'WHERE id = ?', id);
  if (row) return row;
  const [first, last] = [Math.min(...numbers.values()), Math.max(...numbers.values())];
  const hint = numbers.size === 0 ? STATUS_SHOWS : `localize logs shows them: ${first} to ${last}`;
  throw notPossible(`${job.key} has no attempt ${number}`, hint);
}

/**
 * The create whose reply was lost that a word on its money is about, where nobody says which: the uncertain one; else the
 * one that the last word was on; else the only one, unless that word was said of another since it was given up, so that a
 * word said twice settles no second one.
 * @param lost those of the job that are not settled
 * @throws LocalizeError SETTLE_NOT_POSSIBLE, with how to name each
 */
export function lostMeant(store: Store, job: JobRow, lost: readonly AttemptRow[]): AttemptRow | undefined {
  const told = lastTold(store, job);
  const meant = lost.find(({ state }) => state === 'uncertain') ?? lost.find(({ id }) => id === told);
  if (meant !== undefined) return meant;
  const [only, ...others] = lost;
  if (only === undefined) return undefined;
  const hint = `say which is meant: ${whichLost(store, job, lost)}`;
  if (others.length > 0) throw notPossible(`${job.key} has ${lost.length} lost creates that are not settled`, hint);
  if (!isLostEndedSince(store, only)) return only;
  throw notPossible(
    `what became of a later lost create of ${job.key} is said already, and an earlier one is not settled`,
    hint,
  );
}

/** How to name each of them: `--attempt 1 (sent 2026-11-22T10:00:00.000Z to fal/infinitalk)`. */
function whichLost(store: Store, job: JobRow, lost: readonly AttemptRow[]): string {
  const numbers = attemptNumbers(store, job.id);
  const words = lost.map(({ id, route, sentAt, wallAhead }) => {
    return `--attempt ${numbers.get(id)} (sent ${new Date(sentAt + wallAhead).toISOString()} to ${route})`;
  });
  return words.join(', ');
}
