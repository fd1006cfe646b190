import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/**
 * Jobs of a run that take what is bought for another of its jobs, as the plan has it: they are left alone until that one
 * has ended, whichever way. They are kept beside the state and only for this connection.
 */
export class ServedJobs {
  readonly #store: Store;
  #areAny = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * From now on these are left alone, as far as both jobs wait to be bought.
   * @param served by the key of each the key of the job that it takes the result of
   */
  begin(batchId: number, served: ReadonlyMap<string, string>): void {
    this.#areAny = served.size > 0;
    if (!this.#areAny) return;
    this.#store.sqlite.exec(SERVED_TABLES);
    const add = prepared<[{ batchId: number; key: string; source: string }], unknown>(
      this.#store,
      `INSERT INTO temp.served (job_id, source) SELECT j.id, s.id FROM jobs j, jobs s
         WHERE j.batch_id = @batchId AND j.key = @key AND s.batch_id = @batchId AND s.key = @source
           AND j.state = 'pending' AND s.state = 'pending' AND s.id IN (SELECT job_id FROM temp.selected)`,
    );
    this.#store.sqlite.transaction(() => {
      for (const [key, source] of served) add.run({ batchId, key, source });
      this.#store.sqlite.exec('INSERT OR IGNORE INTO temp.moved SELECT job_id FROM temp.served');
    })();
  }

  /** Whether a job is left alone. */
  has(jobId: number): boolean {
    if (!this.#areAny) return false;
    const sql = 'SELECT 1 FROM temp.served WHERE job_id = ? UNION ALL SELECT 1 FROM temp.released WHERE job_id = ?';
    return prepared<[number, number], unknown>(this.#store, sql).get(jobId, jobId) !== undefined;
  }

  /** Whether such jobs wait that would go to this provider. */
  isAwaitedFor(provider: string): boolean {
    if (!this.#areAny) return false;
    const sql = 'SELECT 1 FROM temp.served CROSS JOIN jobs j ON j.id = job_id WHERE j.provider = ? LIMIT 1';
    return prepared<[string], unknown>(this.#store, sql).get(provider) !== undefined;
  }

  /** Whether some are ready to be let go. */
  get areReady(): boolean {
    return this.ready(1).length > 0;
  }

  /** Ids of some of those whose other job has ended. They are left alone until they are let go. */
  ready(limit: number): number[] {
    if (!this.#areAny) return [];
    const sql = 'SELECT job_id AS id FROM temp.released LIMIT ? + 0';
    return prepared<[number], { id: number }>(this.#store, sql)
      .all(limit)
      .map(({ id }) => id);
  }

  /** From now on they are jobs like any other; those that were served by now need nothing. */
  letGo(jobIds: readonly number[]): void {
    if (jobIds.length === 0) return;
    const release = prepared<[number], unknown>(this.#store, 'DELETE FROM temp.released WHERE job_id = ?');
    const look = prepared<[number], unknown>(
      this.#store,
      `INSERT OR IGNORE INTO temp.moved SELECT id FROM jobs WHERE id = ? AND state = 'pending'`,
    );
    this.#store.sqlite.transaction(() => {
      for (const id of jobIds) {
        release.run(id);
        look.run(id);
      }
    })();
  }

  /**
   * Nothing is left that could end the wait of those that still do.
   * @returns whether there were any
   */
  endWaits(): boolean {
    if (!this.#areAny) return false;
    const { changes } = prepared<[], unknown>(
      this.#store,
      'INSERT OR IGNORE INTO temp.released SELECT job_id FROM temp.served',
    ).run();
    prepared<[], unknown>(this.#store, 'DELETE FROM temp.served').run();
    return changes > 0;
  }
}

/** Triggers write within the transaction that moves a job, so that whatever rolls back takes it along. */
const SERVED_TABLES = `
  CREATE TEMP TABLE IF NOT EXISTS served (job_id INTEGER PRIMARY KEY, source INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS temp.served_source ON served (source);
  CREATE TEMP TABLE IF NOT EXISTS released (job_id INTEGER PRIMARY KEY);
  DROP TRIGGER IF EXISTS temp.served_ends;
  CREATE TEMP TRIGGER served_ends AFTER UPDATE OF state ON main.jobs
    WHEN NEW.state IN ('succeeded', 'failed', 'held', 'canceled') AND NEW.id IN (SELECT source FROM served)
  BEGIN
    INSERT OR IGNORE INTO released SELECT job_id FROM served WHERE source = NEW.id;
    DELETE FROM served WHERE source = NEW.id;
  END;
  DELETE FROM temp.served;
  DELETE FROM temp.released;
`;
