import type { HoldReason, Plan, StatusResult } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { PRESENT } from '../step/absence.js';
import { attemptCost } from '../step/attempt-cost.js';
import { addressOf } from '../step/result-address.js';
import { lostUnderFormerName } from '../store/former/former-names.js';
import { lookForLost, lostAttempt } from '../store/lost-result.js';
import type { ReopenedRoute } from '../store/money/closed-routes.js';
import { openAttempt } from '../store/open-attempt.js';
import { prepared } from '../store/prepared.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { acceptForPlan, acceptForWaiting, acceptOf } from './accept-bills.js';
import { type ActionContext, type ActionOptions, type Ask, unfinishedJobs, withBatch } from './actions.js';
import { settle } from './settle.js';
import { type CompletedAfterAll, isOverdue, type StillThere, stillThere } from './still-there.js';

export interface RetryOptions {
  readonly only: (key: string) => boolean;
  /** Also gives up uncertain attempts and buys those jobs again: the user's word. */
  readonly uncertain: boolean;
  /**
   * Looks at a prediction that is overdue, that the provider did not know, or whose failure was paid for or may have been,
   * for free; `null`: it cannot be asked.
   */
  readonly look?: Ask<StatusResult | null>;
  /** Of a batch whose costs a cap counts: its jobs, and its prices, by which a bill may have closed routes to them. */
  readonly capped?: Pick<Plan, 'jobs' | 'prices'> | null;
}

export interface Retried {
  /** Jobs that will be bought again by the next run. */
  readonly again: readonly string[];
  /** Jobs whose paid prediction is followed again instead. */
  readonly resumed: readonly string[];
  /** Jobs that are left alone, since nobody knows whether their create was bought. */
  readonly unsettled: readonly string[];
  /** Jobs that are left alone, since their failed prediction was or may have been charged and its provider says nothing now. */
  readonly unasked: readonly string[];
  /** Of the ones that will be bought again, those of which something may have been bought before. */
  readonly boughtBefore: ReadonlySet<string>;
  /** Of the resumed ones, those whose result was lost or is no video, and is asked for once more. */
  readonly sought: ReadonlyMap<string, 'lost' | 'bad-output'>;
  /** Of the ones that will be bought again, those whose prediction was given up while it may still come to something. */
  readonly released: ReadonlyMap<string, AttemptRow>;
  /** Of the resumed ones, those whose prediction is open: nobody has said how it ends. */
  readonly followed: ReadonlySet<string>;
  /** Routes that take creates again, in every batch, since the user accepts what they billed. */
  readonly reopened: readonly ReopenedRoute[];
}

/**
 * Puts failed, canceled and held jobs back to work; the next run carries it out. A paid prediction that may still come
 * is followed before another is bought.
 * @throws LocalizeError JOB_UNKNOWN, BATCH_LOCKED
 */
export async function retry(options: ActionOptions, what: RetryOptions): Promise<Retried> {
  const former = await lostUnderFormerNames(options, what);
  return withBatch(options, async (context) => {
    const word = { ...what, ...(await stillThere(context, what)) };
    const reopened: ReopenedRoute[] = [];
    const tally = createTally(context, word.there);
    context.journal.transact(() => {
      for (const job of unfinishedJobs(context, what.only)) {
        const open = openAttempt(context.journal.store, job);
        if (job.holdReason === 'price-risen') reopened.push(...acceptOf(context, job));
        const outcome = former.has(job.key) ? retryAfterFormerName(context, job, word) : retryJob(context, job, word);
        if (outcome !== null) tally[outcome](job, open);
      }
      const { again, resumed, unsettled, unasked } = tally.retried;
      const isAllThereIs = again.length + resumed.length + unsettled.length + unasked.length === 0;
      const { capped } = what;
      if (capped) reopened.push(...acceptForWaiting(context, what.only, { plan: capped, isAllThereIs }));
    });
    return { ...tally.retried, reopened };
  });
}

/** What a batch that has not run can only mean: that it may buy where a bill has closed a route. */
export function retryUnrun(
  { store }: Pick<ActionOptions, 'store'>,
  plan: Pick<Plan, 'jobs' | 'prices'>,
  only: (key: string) => boolean,
): Retried | null {
  const reopened = store.transact(() => acceptForPlan(store, plan, only));
  if (reopened.length === 0) return null;
  const none = { again: [], resumed: [], unsettled: [], unasked: [], sought: new Map(), released: new Map() };
  return { ...none, boughtBefore: new Set(), followed: new Set(), reopened };
}

type Outcome = 'again' | 'resumed' | 'unsettled' | 'unasked';

/** Keeps what has become of each job, by what it was before. */
function createTally(context: ActionContext, there: ReadonlySet<string>) {
  const retried = {
    again: [] as string[],
    resumed: [] as string[],
    unsettled: [] as string[],
    unasked: [] as string[],
    boughtBefore: new Set<string>(),
    sought: new Map<string, 'lost' | 'bad-output'>(),
    released: new Map<string, AttemptRow>(),
    followed: new Set<string>(),
  };
  return {
    again(job: JobRow, open: AttemptRow | undefined): void {
      retried.again.push(job.key);
      if (open?.state === 'accepted') retried.released.set(job.key, open);
      if (isBoughtBefore(context, job)) retried.boughtBefore.add(job.key);
    },
    resumed(job: JobRow): void {
      retried.resumed.push(job.key);
      if (isOver(job.holdReason)) retried.sought.set(job.key, job.holdReason);
      if (isOpen(context, job, there)) retried.followed.add(job.key);
    },
    unsettled(job: JobRow): void {
      retried.unsettled.push(job.key);
    },
    unasked(job: JobRow): void {
      retried.unasked.push(job.key);
    },
    retried: retried satisfies Omit<Retried, 'reopened'>,
  };
}

/**
 * What jobs wait for that was bought while their batch had another name, if it was: at the user's word it is given up
 * there, and the jobs are bought.
 * @returns the keys of those jobs
 */
async function lostUnderFormerNames(
  options: ActionOptions,
  { only, uncertain }: RetryOptions,
): Promise<ReadonlySet<string>> {
  const waiting = await withBatch(options, (context) => {
    const keys: string[] = [];
    for (const job of unfinishedJobs(context, only)) {
      if (!job.orphaned && lostUnderFormerName(options.store, job) !== null) keys.push(job.key);
    }
    return keys;
  });
  if (uncertain) for (const key of waiting) await settle(options, key, { kind: 'abandon' });
  return new Set(waiting);
}

const FRESH = { attemptId: null, failure: null, retries: 0, stumbles: 0, readyAt: 0 };

interface Word extends StillThere {
  readonly uncertain: boolean;
}

/** A create of a former name was lost: nothing is bought without the user's word, by which it has been given up. */
function retryAfterFormerName(context: ActionContext, job: JobRow, word: Word): Outcome {
  return word.uncertain ? (retryJob(context, job, word) ?? 'again') : 'unsettled';
}

function retryJob(context: ActionContext, job: JobRow, { uncertain, there, afterAll, unasked }: Word): Outcome | null {
  if (job.state !== 'failed' && job.state !== 'canceled' && job.state !== 'held') return null;
  const { journal } = context;
  const open = openAttempt(context.journal.store, job);
  if (open?.state === 'accepted') return retryAccepted(context, job, open, there.has(open.id));
  if (open?.state === 'uncertain') {
    if (!uncertain) return 'unsettled';
    journal.moveAttempt(open, 'abandon', { endedAt: journal.clock.nowMs() });
  }
  if (job.holdReason === 'lost' && lookAgain(context, job)) return 'resumed';
  const paid = completedAttempt(context, job);
  if (paid && job.holdReason === 'bad-output' && fetchAgain(context, job, paid)) return 'resumed';
  if (paid && (job.state === 'canceled' || job.holdReason === 'download-failed')) {
    journal.moveJob(job, 'refetch', { attemptId: paid.id, stumbles: 0, readyAt: 0, failure: null });
    return 'resumed';
  }
  // It was fetched once more, and the user asks anew: what was paid for is no video.
  if (paid && job.holdReason === 'bad-output') journal.moveAttempt(paid, 'lose');
  if (unasked.has(job.attemptId ?? '')) return 'unasked';
  const come = afterAll.get(job.attemptId ?? '');
  // Before it buys, a run takes what is paid for and was made of the same.
  if (come !== undefined) completeAfterAll(context, job, come);
  journal.moveJob(job, 'retry', FRESH);
  return 'again';
}

/** A prediction that somebody still expects something of is followed; another is given up. */
function retryAccepted({ journal }: ActionContext, job: JobRow, open: AttemptRow, isThere: boolean): Outcome {
  journal.store.db.update(attempts).set({ pollAt: 0 }).where(eq(attempts.id, open.id)).run();
  if (!isOverdue(job) || isThere) {
    journal.moveJob(job, 'found', { attemptId: open.id, failure: null });
    return 'resumed';
  }
  // The user has seen it overdue or gone and asks anew: it is given up, and each run looks at it for its bill and result.
  const now = journal.clock.nowMs();
  journal.moveAttempt(open, 'abandon', { endedAt: now, pollAt: null, searchAt: now });
  journal.moveJob(job, 'retry', FRESH);
  return 'again';
}

/** Whether a create of it may have bought something; a refused one has not. */
function isBoughtBefore({ journal }: ActionContext, { id }: JobRow): boolean {
  const row = prepared<[{ id: number }], { bought: 0 | 1 }>(
    journal.store,
    `SELECT EXISTS (SELECT 1 FROM attempts WHERE job_id = @id AND state <> 'refused')
         OR EXISTS (SELECT 1 FROM adopted_predictions WHERE job_id = @id) AS bought`,
  ).get({ id });
  return row?.bought === 1;
}

function isOpen({ journal }: ActionContext, job: JobRow, ended: ReadonlySet<string>): boolean {
  const open = openAttempt(journal.store, job);
  return open?.state === 'accepted' && !ended.has(open.id);
}

/** A lost result may be back: the provider is asked once more for it before another is bought. */
function lookAgain({ journal }: ActionContext, job: JobRow): boolean {
  const lost = lostAttempt(journal, job);
  if (lost === undefined || lost.searches > 0) return false;
  lookForLost(journal, job, lost, { searches: 1 });
  return true;
}

/** What its provider had called failed is there by now. */
function completeAfterAll({ journal }: ActionContext, job: JobRow, { attempt, result }: CompletedAfterAll): void {
  const { output, seed, costMicros } = result;
  const isKnown = costMicros === null && attempt.billedMicros !== null;
  const cost = isKnown ? {} : attemptCost(attempt, job, { stated: costMicros, completed: true });
  const endedAt = journal.clock.nowMs();
  const patch = { endedAt, outputUrl: addressOf(output), seed, failure: null, searches: 0, ...PRESENT, ...cost };
  journal.moveAttempt(attempt, 'complete', patch);
}

/** What was served in a result's place may be well by now: it is fetched once more before another is bought. */
function fetchAgain({ journal }: ActionContext, job: JobRow, paid: AttemptRow): boolean {
  if (paid.searches > 0) return false;
  journal.patchAttempt(paid, { searches: 1, outputUrl: null });
  journal.moveJob(job, 'refetch', { stumbles: 0, readyAt: 0, failure: null });
  return true;
}

/** Runs have given up its result, which was paid for. */
function isOver(reason: HoldReason | null): reason is 'lost' | 'bad-output' {
  return reason === 'lost' || reason === 'bad-output';
}

/** The paid prediction whose result the job waits for, for the first time or because its output is gone from the disk. */
function completedAttempt(context: ActionContext, job: JobRow): AttemptRow | undefined {
  if (job.attemptId === null) return undefined;
  return context.journal.store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.id, job.attemptId), eq(attempts.state, 'completed')))
    .get();
}
