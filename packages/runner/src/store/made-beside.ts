import type { PlannedJob } from '@localize/core';
import { finishedWith } from './finished-with.js';
import { isThere } from './made-already.js';
import { findRow } from './rows.js';
import { attempts, jobs } from './schema.js';
import type { JobRow, Store } from './store.js';
import { attemptAhead } from './twins.js';

/**
 * The job of the same batch that has, or is about to have, what this one asks for on a route that both prefer less than
 * another: one purchase was to serve both, and it went there for want of room or of an open lane.
 * @param fingerprints of what it asks for on its further routes
 * @returns its key; `null` where there is none
 */
export function madeBeside(
  store: Store,
  job: PlannedJob,
  { batchId, jobId, fingerprints }: { batchId: number; jobId: number; fingerprints: readonly string[] },
): string | null {
  const isBeside = (row: JobRow | undefined): row is JobRow =>
    row?.batchId === batchId && row.id !== jobId && !row.orphaned && preferredBy(row.planned) === preferredBy(job);
  for (const fingerprint of fingerprints) {
    for (const row of finishedWith(store, fingerprint))
      if (isBeside(row) && row.output !== null && isThere(row.output)) return row.key;
    const wanted = { batchId, jobId, fingerprints: [fingerprint], stagingAtMs: Number.MAX_SAFE_INTEGER };
    const ahead = attemptAhead(store, wanted);
    const attempt = ahead === null ? undefined : findRow(store, attempts, 'WHERE id = ?', ahead);
    const row = attempt && findRow(store, jobs, 'WHERE id = ?', attempt.jobId);
    if (isBeside(row)) return row.key;
  }
  return null;
}

/** What a job is asked for where it would go first. */
function preferredBy({ choices: [first] }: PlannedJob): string {
  return JSON.stringify([first?.route, first?.input]);
}
