import { type ProviderId, shellWord } from '@localize/core';
import { jobOf, providerOf, type RunContext, type StagedJob } from '../run-context.js';
import { unstage } from '../step/submit.js';
import { attemptById, fetchBesides } from '../store/backlog.js';
import { lostUnderFormerName } from '../store/former/former-names.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import { formerTrouble } from '../store/snapshot/job-trouble.js';
import type { JobRow, Store } from '../store/store.js';
import { mayStillCome, whyNotThere } from '../store/twins/twins.js';
import type { Tasks } from '../tasks.js';
import { noteStops } from './own-stops.js';
import { stagingOf } from './start-staging.js';

/** Jobs that go on in one turn of the loop. */
const AT_ONCE = 250;
/** Jobs of one provider that wait for others' results. With so many of them, no further job is staged. */
const MOST = 1_000;

/** A job whose wait for another's result keeps it in the state in which it is staged. */
export type WaitingJob = Pick<StagedJob, 'jobId' | 'choice'>;

/**
 * Jobs that another one, made of the very same, was under way for when they were about to be bought, or when the budget
 * had no room for them. They wait in memory, out of the backlog, each beside the attempt whose result it will take.
 */
export class Twins {
  readonly #waiting = new Map<string, WaitingJob[]>();
  readonly #jobs = new Set<number>();
  readonly #counts = new Map<ProviderId, number>();
  readonly #released: number[] = [];

  add(attemptId: string, job: WaitingJob): void {
    const waiting = this.#waiting.get(attemptId) ?? [];
    this.#waiting.set(attemptId, waiting);
    waiting.push(job);
    this.#jobs.add(job.jobId);
    this.#count(job, 1);
  }

  isFull(provider: ProviderId): boolean {
    return (this.#counts.get(provider) ?? 0) >= MOST;
  }

  /** Whether jobs wait that would go to this provider. */
  isAwaitedFor(provider: ProviderId): boolean {
    return (this.#counts.get(provider) ?? 0) > 0;
  }

  has(jobId: number): boolean {
    return this.#jobs.has(jobId);
  }

  isAwaited(attemptId: string): boolean {
    return this.#waiting.has(attemptId);
  }

  /** The attempts that jobs wait for. */
  attempts(): string[] {
    return [...this.#waiting.keys()];
  }

  /** Takes out some of the jobs that wait for an attempt. */
  take(attemptId: string, limit: number): WaitingJob[] {
    const waiting = this.#waiting.get(attemptId) ?? [];
    const taken = waiting.splice(0, limit);
    if (waiting.length === 0) this.#waiting.delete(attemptId);
    for (const job of taken) {
      this.#count(job, -1);
      this.#jobs.delete(job.jobId);
    }
    this.#released.push(...taken.map(({ jobId }) => jobId));
    return taken;
  }

  /** Whether any were taken out since they were last asked for. */
  get areReleased(): boolean {
    return this.#released.length > 0;
  }

  /** Ids of the jobs that were taken out since this was last asked: what they waited for may be there. */
  drainReleased(): number[] {
    return this.#released.splice(0);
  }

  #count({ choice }: WaitingJob, by: 1 | -1): void {
    this.#counts.set(choice.provider, (this.#counts.get(choice.provider) ?? 0) + by);
  }
}

/**
 * Lets a job that is being staged wait for the result of an attempt; it costs nothing meanwhile. A lost create that no job of this run is about is looked for too,
 * and a result that is there to be fetched is fetched: nobody else may be there to do it.
 */
export function awaitTwin(context: RunContext, attemptId: string, waiting: WaitingJob): void {
  const { twins, journal, clock } = context;
  const isFirst = !twins.isAwaited(attemptId);
  twins.add(attemptId, waiting);
  context.spending.purses?.setAside(waiting.jobId);
  const attempt = attemptById(context, attemptId);
  const job = jobOf(context, attempt);
  // In the next turn of the loop.
  const next = clock.nowMs() + 1;
  if (job.state === 'downloading' && job.batchId === context.batchId) {
    fetchBesides(context, job.id);
    journal.patchJob(job, { readyAt: Math.max(job.readyAt, next) });
  }
  if (!isFirst || attempt.state !== 'uncertain' || (attempt.searchAt ?? 0) >= next) return;
  if (providerOf(context, attempt.provider).find) journal.patchAttempt(attempt, { searchAt: next });
}

/** Puts back some of the jobs whose wait is over: they take the result that has come, or are bought where none will. */
export function releaseTwins(context: RunContext): void {
  const { twins, journal, store } = context;
  const over = twins.attempts().filter((attemptId) => !mayStillCome(store, attemptId, context.batchId));
  if (over.length === 0) return;
  let room = AT_ONCE;
  journal.transact(() => {
    for (const attemptId of over) {
      const released = twins.take(attemptId, room);
      for (const job of released) unstage(context, job);
      room -= released.length;
    }
  }, 'kill');
}

/** Writes down while jobs that wait for others' results are all that a lane is left with. */
export function noteTwinStops(context: RunContext, tasks: Tasks): void {
  const { twins, staged, spending } = context;
  noteStops(context, 'twin', ({ provider }) => {
    const isLeft = (staged.get(provider)?.length ?? 0) > 0 || tasks.count(stagingOf(provider)) > 0;
    return !isLeft && (twins.isAwaitedFor(provider) || spending.purses?.served.isAwaitedFor(provider) === true);
  });
}

/**
 * Holds the jobs that still wait when nothing is left that could end their wait: each says what it waits for. Buying
 * them could pay for the same twice.
 * @returns whether any waited
 */
export function holdTwins(context: RunContext): boolean {
  const { twins, journal, store, batchId, options } = context;
  const manifest = shellWord(options.manifestPath);
  const attemptIds = twins.attempts();
  journal.transact(() => {
    for (const attemptId of attemptIds) {
      if (!mayStillCome(store, attemptId, batchId)) continue;
      const why = whyNotThere(store, attemptId, batchId);
      for (const { jobId } of twins.take(attemptId, Number.POSITIVE_INFINITY)) {
        const job = findRow(store, jobs, 'WHERE id = ?', jobId);
        if (job?.state !== 'staging') continue;
        const message = formerWords(store, job, manifest) ?? why;
        journal.moveJob(job, 'hold', { holdReason: 'twin', failure: { kind: 'uncertain', message } });
      }
    }
  }, 'kill');
  return attemptIds.length > 0;
}

/** What was bought for the job itself under its batch's former name is settled under this one, as `status` says too. */
function formerWords(store: Store, { id, key }: JobRow, manifest: string): string | null {
  const former = lostUnderFormerName(store, { id, state: 'held', holdReason: 'twin' });
  if (former === null) return null;
  const { reason, mend } = formerTrouble(store, former, { manifest, key });
  return `${reason}: ${mend}`;
}
