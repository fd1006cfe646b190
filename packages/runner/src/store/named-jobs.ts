import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** What a job is called by. */
export interface NamedJob {
  readonly key: string;
  readonly batchId: number;
  readonly batch: string;
}

const MOST = 1_000;

/** Names of the jobs that something was told of: a job keeps its key and its batch, so each is read once for a while. */
export class NamedJobs {
  readonly #store: Store;
  readonly #known = new Map<number, NamedJob>();

  constructor(store: Store) {
    this.#store = store;
  }

  of(jobId: number): NamedJob {
    const known = this.#known.get(jobId);
    if (known !== undefined) return known;
    const row = prepared<[number], NamedJob>(
      this.#store,
      'SELECT j.key, j.batch_id AS batchId, b.name AS batch FROM jobs j JOIN batches b ON b.id = j.batch_id WHERE j.id = ?',
    ).get(jobId);
    if (row === undefined) throw new Error(`job ${jobId} is gone`);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(jobId, row);
    return row;
  }
}
