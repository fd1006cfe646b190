import { type AttemptState, OPEN_ATTEMPT_STATES } from '@localize/core';
import { findRow } from './rows.js';
import { isOpenIn } from './schema/attempt-states.js';
import { attempts } from './schema/schema.js';
import type { AttemptRow, JobRow, Store } from './store.js';

const IS_OPEN = `WHERE job_id = ? AND ${isOpenIn('')}`;

/** The attempt that may have something running for a job; an index sees to it that there is one at most. */
export function openAttempt(store: Store, { id }: Pick<JobRow, 'id'>): AttemptRow | undefined {
  return findRow(store, attempts, IS_OPEN, id);
}

/** Whether an attempt may have something running. */
export function isOpenAttempt({ state }: Pick<AttemptRow, 'state'>): boolean {
  return (OPEN_ATTEMPT_STATES as readonly AttemptState[]).includes(state);
}
