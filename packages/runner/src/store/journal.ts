import {
  type AttemptEvent,
  type ExchangeRecord,
  type Failure,
  type JobEvent,
  mapFreeTexts,
  nextAttemptState,
  nextJobState,
} from '@localize/core';
import type { Clock } from '../clock.js';
import type { RunEvent } from '../run-events.js';
import { Commits } from './commits.js';
import { type HistoryEntry, HistoryWriter } from './history-writer.js';
import { type NamedJob, NamedJobs } from './named-jobs.js';
import { prepared } from './prepared.js';
import { insertRow, updateRows } from './rows.js';
import { attempts, jobs } from './schema/schema.js';
import type { AttemptRow, Durability, JobRow, Store } from './store.js';

export type JobPatch = Partial<Omit<JobRow, 'id' | 'batchId' | 'key' | 'state'>>;
export type AttemptPatch = Partial<Omit<AttemptRow, 'id' | 'jobId' | 'part' | 'state'>>;
/** What tells whether a job is one that a run is about. */
export interface ToldJob {
  readonly key: string;
  readonly batchId: number;
}

type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'atMs'> : never) : never;

/** Moves of an attempt that a power cut may take back: a free poll sees the same again. All others guard money. */
const SEEN_AGAIN: ReadonlySet<AttemptEvent> = new Set(['complete', 'fail']);
const MOST_KEPT = 200;

interface NoteAbout {
  readonly jobId?: number | null;
  readonly attemptId?: string | null;
  readonly data: unknown;
}

/** Somebody moved the row first: another process a batch that this one does not hold, or another step of this run. */
export class StaleRowError extends Error {
  override readonly name = 'StaleRowError';
}

/**
 * Writes what was seen of an attempt, unless another process has seen and written it first: runs also look at open
 * attempts of batches that nobody holds, and the owner's next run may begin while such a look is under way.
 */
export function writeUnlessMoved(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof StaleRowError)) throw error;
  }
}

/**
 * The only place that changes a job's or an attempt's state, and the only writer of history. Moves go through the
 * lifecycle tables, expect the state that the caller saw, and are told to listeners only once they are committed.
 */
export class Journal {
  readonly store: Store;
  readonly clock: Clock;
  readonly runId: string | null;
  readonly #isAbout: (job: ToldJob) => boolean;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #withoutSecrets: (text: string) => string;
  #untold: RunEvent[] = [];
  readonly #commits: Commits;
  readonly #history: HistoryWriter;
  readonly #named: NamedJobs;

  /**
   * @param of.withoutSecrets takes out what is never written nor told, whatever an adapter or a server puts it into
   * @param of.isAbout whether listeners are told of a job; a run also polls open predictions of others, and what becomes
   * of those is written down only. By default they are told of all.
   */
  constructor(
    store: Store,
    clock: Clock,
    runId: string | null,
    onEvent: (event: RunEvent) => void,
    {
      withoutSecrets = (text) => text,
      isAbout = () => true,
    }: { withoutSecrets?: ((text: string) => string) | undefined; isAbout?: (job: ToldJob) => boolean } = {},
  ) {
    this.store = store;
    this.clock = clock;
    this.runId = runId;
    this.#isAbout = isAbout;
    this.#onEvent = onEvent;
    this.#withoutSecrets = withoutSecrets;
    this.#history = new HistoryWriter(store);
    this.#named = new NamedJobs(store);
    this.#commits = new Commits(store, {
      begin: () => this.#history.writeKept(),
      committed: () => this.#committed(),
      rolledBack: () => {
        this.#untold = [];
      },
    });
  }

  /** One `BEGIN IMMEDIATE`; what happened inside is told after the commit, and forgotten when it rolls back. */
  transact<T>(work: () => T, durability: Durability = 'power-cut'): T {
    return this.#commits.transact(work, durability);
  }

  #committed(): void {
    this.#history.forgetKept();
    const told = this.#untold;
    this.#untold = [];
    for (const event of told) this.#onEvent(event);
  }

  /** {@link Commits.once} */
  once<T>(what: string, look: () => T): T {
    return this.#commits.once(what, look);
  }

  /** {@link Commits.soon} */
  soon(work: () => void): void {
    this.#commits.soon(work);
  }

  /** {@link Commits.durably} */
  durably<T>(work: () => T): Promise<T> {
    return this.#commits.durably(work);
  }

  /** {@link Commits.looksLocked} */
  looksLocked(): boolean {
    return this.#commits.looksLocked();
  }

  /** {@link Commits.withKnownLock} */
  withKnownLock(work: () => void): void {
    this.#commits.withKnownLock(work);
  }

  /** Commits what waits: what guards money, free moves, and notes when there are many of them. */
  flush(): void {
    this.#commits.flush(() => this.#history.kept >= MOST_KEPT);
  }

  /** Tells listeners, after the commit when inside a transaction. */
  tell(body: EventBody): void {
    this.#tellClean(this.#clean({ atMs: this.clock.wallMs(), ...body } as RunEvent));
  }

  #tellClean(event: RunEvent): void {
    if (this.#commits.durability !== null) this.#untold.push(event);
    else this.#onEvent(event);
  }

  /** Tells listeners of a job, unless the run is not about it. */
  tellOf(jobId: number, bodyOf: (key: string) => EventBody): void {
    const job = this.#named.of(jobId);
    if (this.#isAbout(job)) this.tell(bodyOf(job.key));
  }

  /** @throws IllegalTransitionError; StaleRowError when the row is not in the state that the caller saw. */
  moveJob<J extends Pick<JobRow, 'id' | 'key' | 'state'>>(job: J, event: JobEvent, patch: JobPatch = {}): J {
    const to = nextJobState(job.state, event);
    return this.transact(() => {
      const holdReason = to === 'held' ? (patch.holdReason ?? null) : null;
      const set = { state: to, ...this.#cleanFailure(patch), holdReason };
      const changes = updateRows(this.store, jobs, set, { id: job.id, state: job.state });
      if (changes === 0) throw new StaleRowError(`job ${job.key} is no longer ${job.state}`);
      const reason = holdReason ?? undefined;
      const failure = patch.failure ?? undefined;
      this.#note('job', { jobId: job.id, data: { event, from: job.state, to, reason, failure } });
      this.tellOf(job.id, (key) => ({ type: 'job:state', key, from: job.state, to, reason, failure }));
      return { ...job, ...set };
    }, 'kill');
  }

  /** Changes what is known of a job without moving it. */
  patchJob(job: Pick<JobRow, 'id'>, patch: JobPatch): void {
    updateRows(this.store, jobs, this.#cleanFailure(patch), { id: job.id });
  }

  /** Changes what is known of an attempt without moving it. */
  patchAttempt(attempt: Pick<AttemptRow, 'id'>, patch: AttemptPatch): void {
    updateRows(this.store, attempts, this.#cleanFailure(patch), { id: attempt.id });
  }

  /** @throws IllegalTransitionError; StaleRowError when the row is not in the state that the caller saw. */
  moveAttempt(attempt: AttemptRow, event: AttemptEvent, patch: AttemptPatch = {}): AttemptRow {
    const to = nextAttemptState(attempt.state, event);
    return this.transact(() => {
      this.#requireDurable(event);
      const set = { state: to, ...this.#cleanFailure(patch) };
      const changes = updateRows(this.store, attempts, set, { id: attempt.id, state: attempt.state });
      if (changes === 0) throw new StaleRowError(`attempt ${attempt.id} is no longer ${attempt.state}`);
      const moved = { ...attempt, ...set };
      this.#noteAttempt(moved, attempt.state, event);
      return moved;
    });
  }

  /** What guards money must not be written in a transaction that a power cut may take back. */
  #requireDurable(event: AttemptEvent): void {
    if (this.#commits.durability === 'power-cut' || SEEN_AGAIN.has(event)) return;
    throw new Error(`the attempt’s ${event} must survive a power cut`);
  }

  /** Inserts the intent: the reservation of money, slot and window place. */
  intend(attempt: AttemptRow): AttemptRow {
    return this.transact(() => {
      insertRow(this.store, attempts, attempt);
      this.#noteAttempt(attempt, null, 'intend');
      return attempt;
    });
  }

  /** Inserts an attempt that this state did not make, and knows from its result's sidecar. */
  adopt(attempt: AttemptRow): AttemptRow {
    return this.transact(() => {
      insertRow(this.store, attempts, attempt);
      const { jobId, id: attemptId, state: to, predictionId } = attempt;
      this.#note('attempt', { jobId, attemptId, data: { event: 'adopt', from: null, to, predictionId } });
      return attempt;
    });
  }

  /** Takes back an intent of which nothing left this machine. */
  withdraw(attempt: AttemptRow): void {
    this.transact(() => {
      const gone = prepared<[string], unknown>(
        this.store,
        `DELETE FROM attempts WHERE id = ? AND state = 'intended'`,
      ).run(attempt.id);
      if (gone.changes !== 1) throw new Error(`attempt ${attempt.id} is no longer intended`);
      this.#noteAttempt({ ...attempt }, 'intended', 'withdraw', null);
    });
  }

  /**
   * Writes down something that is no move: an HTTP exchange, a problem. It waits for the next move's commit, since a
   * commit of its own for every exchange would cost more than the exchange.
   */
  note(kind: string, about: NoteAbout): void {
    this.#history.keep(this.#entry(kind, about));
  }

  /** What a job is called by, and the batch that it is of, which it never leaves. */
  named(jobId: number): NamedJob {
    return this.#named.of(jobId);
  }

  /** Writes down one request with its reply, and tells it: every request, also one about another batch's job. */
  exchange(about: { jobId: number; attemptId?: string | undefined }, record: ExchangeRecord): void {
    const { jobId, attemptId = null } = about;
    const atMs = this.clock.wallMs();
    // The one of all texts that is long: it is cleaned once.
    const clean = this.#clean(record);
    this.#history.keep({ at: atMs, runId: this.runId, jobId, attemptId, kind: 'exchange', data: clean });
    const job = this.#named.of(jobId);
    const other = this.#isAbout(job) ? {} : { batch: job.batch };
    this.#tellClean({ atMs, type: 'exchange', key: job.key, attemptId, ...other, ...clean });
  }

  /** Commits all that waits. Nothing may come after it. */
  close(): void {
    this.flush();
    if (this.#history.kept > 0) this.transact(() => undefined, 'kill');
  }

  #noteAttempt(
    attempt: AttemptRow,
    from: AttemptRow['state'] | null,
    event: string,
    to: AttemptRow['state'] | null = attempt.state,
  ): void {
    const { jobId, id: attemptId } = attempt;
    const failure = attempt.failure ?? undefined;
    const predictionId = attempt.predictionId ?? undefined;
    this.#note('attempt', { jobId, attemptId, data: { event, from, to, predictionId, failure } });
    this.tellOf(jobId, (key) => ({
      type: 'attempt:state',
      key,
      attemptId,
      route: attempt.route,
      lane: attempt.laneDisplay,
      from,
      to,
      predictionId,
      costMicros: attempt.billedMicros,
      costSource: attempt.costSource,
      failure,
    }));
  }

  #note(kind: string, about: NoteAbout): void {
    this.#history.write(this.#entry(kind, about));
  }

  #entry(kind: string, { jobId = null, attemptId = null, data }: NoteAbout): HistoryEntry {
    return { at: this.clock.wallMs(), runId: this.runId, jobId, attemptId, kind, data: this.#clean(data ?? null) };
  }

  /** Adapters redact what they return; here it is made sure of, in the one place that writes. */
  #cleanFailure<P extends { failure?: Failure | null | undefined }>(patch: P): P {
    return patch.failure ? { ...patch, failure: this.#clean(patch.failure) } : patch;
  }

  #clean<T>(data: T): T {
    return mapFreeTexts(data, this.#withoutSecrets) as T;
  }
}
