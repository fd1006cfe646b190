import { type JobFacts, jobFacts, jobsMeant, type PlannedJob, type PlannedJobs } from '@localize/core';
import Database from 'better-sqlite3';
import { planDigest, rememberDigest, rememberDigestOf } from '../content/plan-digest.js';
import { storeExists } from './open/open-store.js';

/** What tells a plan's jobs without any of them. */
export interface JobsSummary extends JobFacts {
  readonly length: number;
  /** As the state has it of the batch once they are registered. */
  readonly digest: string;
}

/** Where the jobs of a registered plan are read. */
interface InState {
  readonly path: string;
  readonly batch: string;
}

/**
 * The jobs of a plan: in memory or in a file beside it until the state has them, then its rows. All who hold the plan hold this one list, so
 * that a run of a hundred thousand jobs has none of them in memory once they are registered.
 */
export class BatchJobs implements PlannedJobs {
  #source: PlannedJobs | InState;
  readonly length: number;
  facts: JobFacts | undefined;

  private constructor(source: PlannedJobs | InState, length: number, facts?: JobFacts) {
    this.#source = source;
    this.length = length;
    this.facts = facts;
  }

  /** Jobs that no state has yet: in memory, or in a {@link JobSpool}. */
  static planned(jobs: PlannedJobs): BatchJobs {
    const planned = new BatchJobs(jobs, jobs.length, jobs.facts);
    rememberDigestOf(planned, jobs);
    return planned;
  }

  /** Jobs that an earlier run has registered. */
  static inState(state: InState, { length, digest, ...facts }: JobsSummary): BatchJobs {
    const jobs = new BatchJobs(state, length, facts);
    rememberDigest(jobs, digest);
    return jobs;
  }

  get isInState(): boolean {
    return 'path' in this.#source;
  }

  get summary(): JobsSummary {
    return { ...jobFacts(this), length: this.length, digest: planDigest({ jobs: this }) };
  }

  /** The state has them: what they were in until then is let go. */
  moveTo(state: InState): void {
    rememberDigest(this, planDigest({ jobs: this }));
    this.facts = jobFacts(this);
    this.#source = state;
  }

  /** {@link moveTo} of a state that an earlier run has registered the very same jobs in. */
  moveIfRegistered(state: InState): void {
    if (registeredDigest(state.path, state.batch) === planDigest({ jobs: this })) this.moveTo(state);
  }

  [Symbol.iterator](): Iterator<PlannedJob> {
    return 'path' in this.#source ? readJobs(this.#source) : this.#source[Symbol.iterator]();
  }

  /**
   * Where the state has them, those that have not succeeded; else all.
   * @param besides keys of finished ones that are asked for too
   */
  unfinished(besides: ReadonlySet<string> = new Set()): PlannedJobs {
    return 'path' in this.#source ? new JobsInState(this.#source, { ids: UNFINISHED_IDS, keys: besides }) : this;
  }

  /** Those with these keys, of whichever state. */
  named(keys: ReadonlySet<string>): Iterable<PlannedJob> {
    if ('path' in this.#source) return readJobs(this.#source, { ids: NAMED_IDS, keys });
    return jobsMeant(this.#source, (key) => keys.has(key));
  }
}

/** Some of a batch's rows, read again whenever they are gone through. */
class JobsInState implements PlannedJobs {
  readonly #state: InState;
  readonly #which: Which;

  constructor(state: InState, which: Which) {
    this.#state = state;
    this.#which = which;
  }

  get length(): number {
    return countJobs(this.#state, this.#which);
  }

  [Symbol.iterator](): Iterator<PlannedJob> {
    return readJobs(this.#state, this.#which);
  }
}

/** Of a plan's jobs those with these keys, in its order; no other is read from a state. */
export function jobsNamed(jobs: PlannedJobs, keys: ReadonlySet<string>): PlannedJob[] {
  return [...(jobs instanceof BatchJobs ? jobs.named(keys) : jobsMeant(jobs, (key) => keys.has(key)))];
}

/** Ids of a batch's jobs with the keys in the JSON list `@keys`; the batch's name is `@batch`. Reads no row of another job. */
const NAMED_IDS = `
  SELECT j.id FROM jobs j JOIN batches b ON b.id = j.batch_id
    WHERE b.name = @batch AND j.key IN (SELECT value FROM json_each(@keys))`;

/** Those of all that have not succeeded besides. */
export const UNFINISHED_IDS = `
  SELECT j.id FROM jobs j JOIN batches b ON b.id = j.batch_id WHERE b.name = @batch AND j.state <> 'succeeded'
  UNION ${NAMED_IDS}`;

/** Which rows: SQL for their ids, with `@batch` and `@keys`, and those keys. */
interface Which {
  readonly ids: string;
  readonly keys: ReadonlySet<string>;
}

/** One row at a time, in the plan's order. @param which all by default */
function* readJobs(state: InState, which?: Which): Generator<PlannedJob> {
  const sqlite = openToRead(state);
  try {
    const row = sqlite.prepare<[number], string>('SELECT planned FROM jobs WHERE id = ?').pluck();
    for (const id of idsInOrder(sqlite, state, which)) {
      const planned = row.get(id);
      if (planned !== undefined) yield JSON.parse(planned) as PlannedJob;
    }
  } finally {
    sqlite.close();
  }
}

function countJobs(state: InState, which: Which): number {
  const sqlite = openToRead(state);
  try {
    return idsInOrder(sqlite, state, which).length;
  } finally {
    sqlite.close();
  }
}

/** A connection of its own, beside that of a run. */
function openToRead({ path }: InState): Database.Database {
  const sqlite = new Database(path, { readonly: true, timeout: 10_000 });
  // Kilobytes: each row is read once. By default it would keep sixteen megabytes of them.
  sqlite.pragma('cache_size = -1000');
  return sqlite;
}

function idsInOrder(sqlite: Database.Database, { batch }: InState, which: Which | undefined): number[] {
  const ids = sqlite.prepare<{ batch: string; keys: string }, number>(
    `SELECT id FROM jobs WHERE batch_id = (SELECT id FROM batches WHERE name = @batch) AND orphaned = 0
       ${which === undefined ? '' : `AND id IN (${which.ids})`} ORDER BY position`,
  );
  return ids.pluck().all({ batch, keys: JSON.stringify([...(which?.keys ?? [])]) });
}

/** The digest of the plan that a batch was registered with last; `null` where the state knows none. Reads only. */
export function registeredDigest(statePath: string, batch: string): string | null {
  if (!storeExists(statePath)) return null;
  let sqlite: Database.Database | null = null;
  try {
    sqlite = new Database(statePath, { readonly: true, timeout: 10_000 });
    const digest = sqlite.prepare<[string], string | null>('SELECT plan_digest FROM batches WHERE name = ?').pluck();
    return digest.get(batch) ?? null;
  } catch (error) {
    // Another version's state, or none at all: whoever opens it next says what is wrong with it.
    if (error instanceof Database.SqliteError) return null;
    throw error;
  } finally {
    sqlite?.close();
  }
}
