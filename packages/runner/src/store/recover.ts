import type { Failure } from '@localize/core';
import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Journal } from './journal.js';
import type { Prices } from './money/accepted-prices.js';
import { closedRoutes } from './money/closed-routes.js';
import { unsettledAttempts } from './money/unsettled-attempts.js';
import { isTakenUpNow } from './placement/taken-up-now.js';
import { findRow } from './rows.js';
import { attempts, jobs } from './schema/schema.js';
import type { AttemptRow, JobRow } from './store.js';
import { followOpen } from './twins/already-bought.js';

/** A create whose reply never came is given up this long after it was sent. */
export const CREATE_TIMEOUT_MS = 120_000;

const LOST_WITH_PROCESS: Failure = {
  kind: 'uncertain',
  message: 'the process ended between the intent and the reply',
};

/**
 * Makes sense of what a dead run left behind, in the batch whose lock this process holds and in no other. An intent
 * without a reply is uncertain, since its POST may have left; staging bought nothing and starts again; a job that waits to
 * be bought beside a prediction that is under way follows that.
 */
export function recover(journal: Journal, batchId: number): void {
  journal.transact(() => {
    const { db } = journal.store;
    const now = journal.clock.nowMs();
    const left = db
      .select()
      .from(jobs)
      .where(and(eq(jobs.batchId, batchId), inArray(jobs.state, ['staging', 'submitting'])))
      .all();
    for (const job of left) {
      if (job.state === 'staging') journal.moveJob(job, 'unstage');
    }
    for (const { attempt, job } of unsettled(journal, batchId)) {
      if (attempt.state === 'accepted' && job.state === 'pending') followOpen(journal, job, attempt);
      if (attempt.state !== 'intended') continue;
      const repliedAt = Math.min(now, attempt.sentAt + CREATE_TIMEOUT_MS);
      journal.moveAttempt(attempt, 'doubt', { repliedAt, failure: LOST_WITH_PROCESS });
      if (job.state === 'submitting' || job.state === 'pending') {
        const attemptId = attempt.id;
        journal.moveJob(job, 'hold', { holdReason: 'uncertain', failure: LOST_WITH_PROCESS, attemptId });
      }
    }
  });
}

interface Reexamined {
  /** Whether creates leave: else what is held before it was bought stays so, since nothing would find out anew. */
  readonly buys: boolean;
  /** Whether a provider has a list to look a lost create up in. */
  readonly canFind: (provider: string) => boolean;
  /** Whether a job, by its key, is carried on: the others stay held, since nobody would look into what has become of them. */
  readonly isSelected: (key: string) => boolean;
  /** The batch's own. */
  readonly prices: Prices;
}

/**
 * Looks again at what may mend itself: open predictions are polled at once, holds that time may have cured are put
 * back where they were. Nothing here buys.
 */
export function reexamine(journal: Journal, batchId: number, from: Reexamined): void {
  journal.transact(() => {
    askAboutUnsettled(journal, batchId, from);
    takeUpHeld(journal, batchId, from);
    letWaitingGo(journal, batchId);
  });
}

/** Open predictions are polled, and lost creates looked for, at once. */
function askAboutUnsettled(journal: Journal, batchId: number, { canFind, isSelected }: Reexamined): void {
  const { db } = journal.store;
  const now = journal.clock.nowMs();
  for (const { attempt, job } of unsettled(journal, batchId)) {
    if (attempt.state === 'intended') continue;
    if (attempt.state === 'accepted') {
      db.update(attempts).set({ pollAt: now }).where(eq(attempts.id, attempt.id)).run();
      if (job.state === 'held' && job.attemptId === attempt.id && isSelected(job.key))
        journal.moveJob(job, 'found', { failure: null });
    } else if (attempt.predictionId !== null || canFind(attempt.provider)) {
      db.update(attempts).set({ searchAt: now }).where(eq(attempts.id, attempt.id)).run();
    }
  }
}

function takeUpHeld(journal: Journal, batchId: number, from: Reexamined): void {
  const isHeld = and(eq(jobs.batchId, batchId), eq(jobs.state, 'held'), isNotNull(jobs.holdReason));
  const held = journal.store.db.select().from(jobs).where(isHeld).all();
  const closed = closedRoutes(journal.store, from.prices);
  const again = { stumbles: 0, readyAt: journal.clock.nowMs(), failure: null };
  for (const job of held) {
    if (!from.isSelected(job.key)) continue;
    if (job.holdReason === 'download-failed' || job.holdReason === 'bad-output') journal.moveJob(job, 'refetch', again);
    else if (from.buys && isTakenUpNow(job.holdReason, job.planned, closed)) journal.moveJob(job, 'retry', again);
  }
}

/** What waited for its time in the run before waits no longer. */
function letWaitingGo({ store: { db }, clock }: Journal, batchId: number): void {
  const isWaiting = (state: 'pending' | 'downloading') => and(eq(jobs.batchId, batchId), eq(jobs.state, state));
  db.update(jobs).set({ readyAt: 0, stumbles: 0 }).where(isWaiting('pending')).run();
  // Results that wait are fetched in the order in which they came: they expire in it.
  const endedAt = sql`(SELECT ended_at FROM attempts WHERE id = ${jobs.attemptId})`;
  const cameAt = sql<number>`min(${clock.nowMs()}, coalesce(${endedAt}, 0))`;
  db.update(jobs).set({ readyAt: cameAt, stumbles: 0 }).where(isWaiting('downloading')).run();
}

/** Attempts of which something is still to come, with their jobs; one at a time. */
function* unsettled({ store }: Journal, batchId: number): Generator<{ attempt: AttemptRow; job: JobRow }> {
  for (const { id, jobId } of unsettledAttempts(store, batchId)) {
    const attempt = findRow(store, attempts, 'WHERE id = ?', id);
    const job = findRow(store, jobs, 'WHERE id = ?', jobId);
    if (attempt && job) yield { attempt, job };
  }
}
