import { createHash } from 'node:crypto';
import { CollectedFacts, type JobFacts, type JobSink, type PlannedJob, type PlannedJobs } from '@localize/core';
import Database from 'better-sqlite3';
import { rememberDigest } from '../content/plan-digest.js';

/** Jobs that are read together. */
const PAGE = 100;
/** Of SQLite, in KiB: what does not fit lies in its file. */
const CACHE_KIB = 512;

/**
 * Takes the jobs of a plan until the state has them, so that a hundred thousand are never in memory. They lie in a file of
 * SQLite's own that has no name, and that is gone with this process however it ends.
 */
export class JobSpool implements JobSink<SpooledJobs> {
  readonly #sqlite: Database.Database;
  readonly #insert: Database.Statement<[number, number, string]>;
  readonly #made = new Tally();
  #firstPriority: number | null = null;
  #isInOrder = true;

  constructor() {
    this.#sqlite = new Database('');
    this.#sqlite.pragma('journal_mode = OFF');
    this.#sqlite.pragma(`cache_size = -${CACHE_KIB}`);
    this.#sqlite.exec(
      'CREATE TABLE jobs (place INTEGER PRIMARY KEY, priority INTEGER NOT NULL, planned TEXT NOT NULL)',
    );
    this.#insert = this.#sqlite.prepare('INSERT INTO jobs VALUES (?, ?, ?)');
    this.#sqlite.exec('BEGIN');
  }

  add(job: PlannedJob, priority: number): void {
    this.#firstPriority ??= priority;
    this.#isInOrder &&= priority === this.#firstPriority;
    this.#insert.run(this.#made.length, priority, this.#made.add(job));
  }

  end(): SpooledJobs {
    const tally = this.#isInOrder ? this.#made : this.#reorder();
    this.#sqlite.exec('COMMIT');
    return new SpooledJobs(this.#sqlite, tally);
  }

  /** Negative places are free, and become the new ones once all have moved there. */
  #reorder(): Tally {
    const tally = new Tally();
    const order = this.#sqlite
      .prepare<[], number>('SELECT place FROM jobs ORDER BY priority DESC, place')
      .pluck()
      .all();
    const read = this.#sqlite.prepare<[number], string>('SELECT planned FROM jobs WHERE place = ?').pluck();
    const move = this.#sqlite.prepare<[number, string, number]>(
      'UPDATE jobs SET place = ?, planned = ? WHERE place = ?',
    );
    for (const place of order) {
      const job = JSON.parse(read.get(place) ?? '') as PlannedJob;
      const position = tally.length;
      move.run(-1 - position, tally.add({ ...job, position }), place);
    }
    this.#sqlite.exec('UPDATE jobs SET place = -1 - place');
    return tally;
  }
}

/** What is known of all jobs together once the last has come. */
class Tally {
  readonly #hash = createHash('sha256');
  readonly #facts = new CollectedFacts();
  #length = 0;

  /** @returns the job as text */
  add(job: PlannedJob): string {
    const text = JSON.stringify(job);
    this.#hash.update(text).update('\n');
    this.#facts.add(job);
    this.#length += 1;
    return text;
  }

  get length(): number {
    return this.#length;
  }

  get facts(): JobFacts {
    return this.#facts.facts;
  }

  /** Ends it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The jobs of a {@link JobSpool}, read a page at a time whenever they are gone through. */
class SpooledJobs implements PlannedJobs {
  readonly length: number;
  readonly facts: JobFacts;
  readonly #page: Database.Statement<[number], string>;

  constructor(sqlite: Database.Database, tally: Tally) {
    this.length = tally.length;
    this.facts = tally.facts;
    rememberDigest(this, tally.digest());
    this.#page = sqlite
      .prepare<[number], string>(`SELECT planned FROM jobs WHERE place >= ? ORDER BY place LIMIT ${PAGE}`)
      .pluck();
  }

  *[Symbol.iterator](): Iterator<PlannedJob> {
    for (let place = 0; place < this.length; place += PAGE) {
      for (const planned of this.#page.all(place)) yield JSON.parse(planned) as PlannedJob;
    }
  }
}
