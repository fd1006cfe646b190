import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** One row of history. */
export interface HistoryEntry {
  /** Wall clock, in milliseconds. */
  readonly at: number;
  readonly runId: string | null;
  readonly jobId: number | null;
  readonly attemptId: string | null;
  readonly kind: string;
  /** Without what is never written. */
  readonly data: unknown;
}

/** Writes history, at once or with the next commit of something else. */
export class HistoryWriter {
  readonly #store: Store;
  #kept: HistoryEntry[] = [];
  /** How many of them, from the first, the transaction under way has written. */
  #written = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** How many entries wait for a commit. */
  get kept(): number {
    return this.#kept.length;
  }

  keep(entry: HistoryEntry): void {
    this.#kept.push(entry);
  }

  /** Inside a transaction; once that is committed, {@link forgetKept}. One that is rolled back takes none of them along. */
  writeKept(): void {
    this.#written = this.#kept.length;
    for (const entry of this.#kept) this.write(entry);
  }

  forgetKept(): void {
    this.#kept = this.#kept.slice(this.#written);
  }

  write({ at, runId, jobId, attemptId, kind, data }: HistoryEntry): void {
    prepared<[number, string | null, number | null, string | null, string, string], unknown>(
      this.#store,
      'INSERT INTO history (at, run_id, job_id, attempt_id, kind, data) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(at, runId, jobId, attemptId, kind, JSON.stringify(data));
  }
}
