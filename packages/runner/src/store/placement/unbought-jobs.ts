import type { Micros, PlannedJob, ProviderId } from '@localize/core';
import { AT_MOST, prepared } from '../prepared.js';
import type { Store } from '../store.js';
import { UNBOUGHT, UNBOUGHT_TABLE } from './unbought-table.js';

/** What a job draws on, by its number, and how much it needs of that. */
export interface Need {
  readonly purse: number;
  readonly needs: Micros;
}

/** A job that is to be bought on one of its choices. */
export interface UnboughtRow extends Need {
  readonly id: number;
  readonly provider: ProviderId;
  readonly position: number;
  readonly isStaged: boolean;
  readonly hasFurtherChoice: boolean;
  /** What the cheapest of the choices needs that it has still before it, this one among them. */
  readonly least: Micros;
}

/** A job that its purse has room for. */
export interface Fitting extends Need {
  readonly id: number;
  readonly position: number;
}

/** A job that has moved: where it stands now. */
export interface Moved {
  readonly id: number;
  readonly choice: number;
  readonly position: number;
  readonly isStaged: boolean;
  /** `null` where it is no longer to be bought. */
  readonly job: PlannedJob | null;
}

/** Jobs of one provider that draw on one purse. */
type Group = readonly [provider: ProviderId, purse: number];

/** A run's jobs that are still to be bought, with what each needs, in a table that only this connection sees. */
export class UnboughtJobs {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Begins with the jobs that the run has selected; from then on every move of one is followed. */
  open(): void {
    this.#store.sqlite.exec(UNBOUGHT_TABLE);
  }

  /** All are to be looked at again. */
  lookAgain(): void {
    prepared<[], unknown>(this.#store, 'INSERT OR IGNORE INTO temp.moved SELECT job_id FROM temp.unbought').run();
  }

  /** Leaves a job out until it moves again. */
  setAside(jobId: number): void {
    this.#forgetMove(jobId);
    this.#remove(jobId);
  }

  /** Hands each job that has moved to `entryOf`, and keeps what it says of it: nothing where it is not to be bought. */
  follow(entryOf: (moved: Moved) => UnboughtRow | null): void {
    this.#store.sqlite.transaction(() => {
      while (this.#followSome(entryOf)) {}
    })();
  }

  /** @returns whether there may be more */
  #followSome(entryOf: (moved: Moved) => UnboughtRow | null): boolean {
    const rows = prepared<[number], MovedRow>(
      this.#store,
      `SELECT m.job_id AS id, j.state, j.choice, j.position, iif(j.state IN ${UNBOUGHT}, j.planned, NULL) AS planned
         FROM temp.moved m JOIN jobs j ON j.id = m.job_id ${AT_MOST}`,
    ).all(AT_ONCE);
    for (const { id, state, choice, position, planned } of rows) {
      const job = planned === null ? null : (JSON.parse(planned) as PlannedJob);
      const entry = entryOf({ id, choice, position, isStaged: state === 'staging', job });
      if (entry === null) this.#remove(id);
      else this.#write(entry);
      this.#forgetMove(id);
    }
    return rows.length === AT_ONCE;
  }

  #write({ id, provider, purse, isStaged, needs, least, position, hasFurtherChoice }: UnboughtRow): void {
    prepared<[number, string, number, number, Micros, Micros, number, number | null], unknown>(
      this.#store,
      `INSERT OR REPLACE INTO temp.unbought (job_id, provider, purse, staged, needs, least, position, elsewhere)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(id, provider, purse, isStaged ? 1 : 0, needs, least, position, hasFurtherChoice ? 1 : null);
  }

  #remove(jobId: number): void {
    prepared<[number], unknown>(this.#store, 'DELETE FROM temp.unbought WHERE job_id = ?').run(jobId);
  }

  #forgetMove(jobId: number): void {
    prepared<[number], unknown>(this.#store, 'DELETE FROM temp.moved WHERE job_id = ?').run(jobId);
  }

  /** What a provider's staged jobs need of each purse in all. */
  staged(provider: ProviderId): Need[] {
    return prepared<[string], Need>(
      this.#store,
      'SELECT purse, sum(needs) AS needs FROM temp.unbought WHERE provider = ? AND staged = 1 GROUP BY purse',
    ).all(provider);
  }

  /** Ids of the staged jobs of a group. */
  stagedOf([provider, purse]: Group): number[] {
    return prepared<[string, number], { id: number }>(
      this.#store,
      'SELECT job_id AS id FROM temp.unbought WHERE provider = ? AND purse = ? AND staged = 1',
    )
      .all(provider, purse)
      .map(({ id }) => id);
  }

  /** What the cheapest job of a group needs; `null`: it has none. */
  least([provider, purse]: Group): Micros | null {
    const row = prepared<[string, number, string, number], { needs: Micros | null }>(
      this.#store,
      `SELECT min(needs) AS needs FROM (
         SELECT min(needs) AS needs FROM temp.unbought WHERE provider = ? AND purse = ? AND staged = 0
         UNION ALL SELECT min(needs) FROM temp.unbought WHERE provider = ? AND purse = ? AND staged = 1)`,
    ).get(provider, purse, provider, purse);
    return row?.needs ?? null;
  }

  /** The same on whichever choice they have still before them. A look at each of them. */
  leastAnywhere([provider, purse]: Group): Micros | null {
    const row = prepared<[string, number], { least: Micros | null }>(
      this.#store,
      'SELECT min(least) AS least FROM temp.unbought WHERE provider = ? AND purse = ?',
    ).get(provider, purse);
    return row?.least ?? null;
  }

  /**
   * The first jobs of a group that need no more than there is room for, in the manifest's order and due by now. Where few
   * fit they are found by their need, and where many do the first are soon met in the manifest's order.
   */
  fitting([provider, purse]: Group, room: Micros, { nowMs, limit }: { nowMs: number; limit: number }): Fitting[] {
    const count = prepared<[string, number, Micros, number], { fitting: number }>(
      this.#store,
      `SELECT count(*) AS fitting FROM (SELECT 1 FROM temp.unbought INDEXED BY unbought_needs ${FITTING} ${AT_MOST})`,
    ).get(provider, purse, room, MANY);
    const fitting = count?.fitting ?? 0;
    if (fitting === 0) return [];
    return prepared<[string, number, Micros, number, number], Fitting>(
      this.#store,
      `SELECT job_id AS id, purse, needs, unbought.position
         FROM temp.unbought INDEXED BY ${fitting < MANY ? 'unbought_needs' : 'unbought_order'}
         CROSS JOIN jobs ON jobs.id = job_id ${FITTING} AND ready_at <= ? ORDER BY unbought.position ${AT_MOST}`,
    ).all(provider, purse, room, nowMs, limit);
  }

  /** Ids of jobs of a group that need more than there is room for, and whose further choices were not looked at yet. */
  misplaced([provider, purse]: Group, room: Micros, limit: number): number[] {
    return prepared<[string, number, Micros, number], { id: number }>(
      this.#store,
      `SELECT job_id AS id FROM temp.unbought INDEXED BY unbought_elsewhere
         WHERE elsewhere = 1 AND provider = ? AND purse = ? AND needs > ? ${AT_MOST}`,
    )
      .all(provider, purse, room, limit)
      .map(({ id }) => id);
  }

  /** The further choices of a job were looked at. */
  noteLookedElsewhere(jobId: number): void {
    prepared<[number], unknown>(this.#store, 'UPDATE temp.unbought SET elsewhere = 0 WHERE job_id = ?').run(jobId);
  }

  /** Further choices are worth another look. */
  lookElsewhereAgain(): void {
    prepared(this.#store, 'UPDATE temp.unbought SET elsewhere = 1 WHERE elsewhere = 0').run();
  }
}

interface MovedRow {
  readonly id: number;
  readonly state: string;
  readonly choice: number;
  readonly position: number;
  /** JSON. */
  readonly planned: string | null;
}

const AT_ONCE = 1_000;
const MANY = 500;
const FITTING = 'WHERE unbought.provider = ? AND purse = ? AND staged = 0 AND needs <= ?';
