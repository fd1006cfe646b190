import type { JobState } from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** A job of which no more is known than which one it is and where it stands. */
export interface ListedJob {
  readonly key: string;
  readonly state: JobState;
  readonly orphaned: boolean;
}

interface Row {
  readonly key: string;
  readonly state: JobState;
  readonly orphaned: 0 | 1;
}

/**
 * The jobs of a batch in the manifest's order, then those that have left the manifest; none where the state does not know
 * the batch. For who looks for a few of them: no plan, output or attempt is read.
 */
export function listJobs(store: Store, batch: string): ListedJob[] {
  const rows = prepared<[string], Row>(
    store,
    `SELECT key, state, orphaned FROM jobs WHERE batch_id = (SELECT id FROM batches WHERE name = ?)
       ORDER BY orphaned, position, id`,
  ).all(batch);
  return rows.map(({ key, state, orphaned }) => ({ key, state, orphaned: orphaned === 1 }));
}
