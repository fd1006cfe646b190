import { type AttemptState, OPEN_ATTEMPT_STATES } from '@localize/core';

/**
 * Conditions of the partial indexes on attempts. A query that such an index is to serve has to say the same, word for
 * word. They compare one state after the other: of `IN` with more than two words SQLite makes a table, filled and thrown
 * away for each index and trigger whenever a row is written, which was up to half of what such a write took.
 */

/** Something may be running for its job: there is one such attempt a job at most. @param attempt prefix of its columns */
export function isOpenIn(attempt: '' | 'a.'): string {
  return isOneOf(attempt, OPEN_ATTEMPT_STATES);
}

/** It holds a slot of its lane for as long as that may be so. */
export function holdsSlotIn(attempt: '' | 'a.'): string {
  return isOneOf(attempt, [...OPEN_ATTEMPT_STATES, 'abandoned']);
}

/** It has a result or may yet have one. */
export function hasResultIn(attempt: '' | 'a.'): string {
  return isOneOf(attempt, [...OPEN_ATTEMPT_STATES, 'completed']);
}

function isOneOf(attempt: string, states: readonly AttemptState[]): string {
  return `(${states.map((state) => `${attempt}state = '${state}'`).join(' OR ')})`;
}
