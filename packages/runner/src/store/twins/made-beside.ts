import type { PlannedJob, PlannedJobs } from '@localize/core';
import { firstAsk } from '../../content/ask-of.js';
import { jobsNamed } from '../batch-jobs.js';
import { findRow } from '../rows.js';
import { attempts, jobs } from '../schema/schema.js';
import type { JobRow, Store } from '../store.js';
import { finishedWith } from './finished-with.js';
import { isThere } from './made-already.js';
import { attemptAhead } from './twins.js';

/** What jobs would ask for where they would go first, as the plan has it by now; looked up once for each that is needed. */
export class FirstAsks {
  readonly #jobs: PlannedJobs;
  readonly #known = new Map<string, string | null>();

  constructor(jobs: PlannedJobs) {
    this.#jobs = jobs;
  }

  /** Of one that the plan leaves out, what it was asked for last. */
  of({ key, planned }: Pick<JobRow, 'key' | 'planned'>): string | null {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [now = planned] = jobsNamed(this.#jobs, new Set([key]));
    const ask = firstAsk(now);
    this.#known.set(key, ask);
    return ask;
  }
}

/**
 * The job of the same batch that has, or is about to have, what this one asks for on a route that both prefer less than
 * another: one purchase was to serve both, and it went there for want of room or of an open lane.
 * @param fingerprints of what it asks for on its further routes
 * @returns its key; `null` where there is none
 */
export function madeBeside(
  store: Store,
  job: PlannedJob,
  {
    batchId,
    jobId,
    fingerprints,
    asks,
  }: { batchId: number; jobId: number; fingerprints: readonly string[]; asks: FirstAsks },
): string | null {
  const isBeside = (row: JobRow | undefined): row is JobRow =>
    row?.batchId === batchId && row.id !== jobId && !row.orphaned && asks.of(row) === firstAsk(job);
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
