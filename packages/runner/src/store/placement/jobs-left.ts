import {
  type HoldReason,
  type JobState,
  jobsMeant,
  type Plan,
  type PlannedJob,
  type RouteChoice,
  type RouteId,
} from '@localize/core';
import { BatchJobs } from '../batch-jobs.js';
import type { CapCorrection } from '../money/cap-corrections.js';
import { closedRoutes } from '../money/closed-routes.js';
import { atPricesSeen } from '../money/seen-prices.js';
import { isAtWork } from '../open/batch-lock.js';
import { prepared } from '../prepared.js';
import type { UnpricedAttempt } from '../snapshot/edited-counts.js';
import type { Store } from '../store.js';
import { isTakenUpNow } from './taken-up-now.js';

/** The jobs of a run to come. */
export interface NextRun {
  /** Whether it would buy a job, by its key, if there is money. */
  readonly only: (key: string) => boolean;
  /** What it will count as spent besides, before it buys. */
  readonly corrections?: readonly CapCorrection[];
  /** Whether nothing is bought for a job, by its key, since there is such a result, or will be; by default of none. */
  readonly isFree?: (key: string) => boolean;
  /** What was bought before and has no known amount, where somebody has looked. */
  readonly unpriced?: readonly UnpricedAttempt[];
}

/** A job at the prices to be expected, with the choices that it may still be bought on. */
export interface LeftJob {
  readonly planned: PlannedJob;
  readonly job: PlannedJob;
  readonly choices: readonly RouteChoice[];
}

/** What is left to buy, read again whenever it is gone through. */
export function jobsLeft(
  store: Store | null,
  plan: Plan,
  { next, batchId }: { readonly next: NextRun | undefined; readonly batchId: number },
): Iterable<LeftJob> {
  return {
    [Symbol.iterator]: () => (next ? jobsOfNext(store, plan, next) : unboughtJobs(store, plan, batchId)),
  };
}

/** Those of them that are meant, as they are planned. */
export function plannedOf(left: Iterable<LeftJob>, isMeant: (job: PlannedJob) => boolean): Iterable<PlannedJob> {
  return {
    *[Symbol.iterator]() {
      for (const { planned } of left) if (isMeant(planned)) yield planned;
    },
  };
}

/**
 * Every job that is still to be bought, or made again, in the order of the plan; what the state does not know of is. What is
 * held and taken up again by the next run begins at its first choice. So does what the last run moved on for money alone.
 */
function* unboughtJobs(store: Store | null, plan: Plan, batchId: number): Generator<LeftJob> {
  const standingOf = store === null ? () => undefined : standings(store, batchId);
  const expectedOf = atPricesSeen(store, plan.prices);
  const closed = store === null ? NONE_CLOSED : closedRoutes(store, plan.prices);
  const unmade = store === null ? NONE : unmadeKeys(store, batchId);
  const isPassed = store === null ? () => false : staysPassed(store, plan.batch);
  for (const planned of notFinished(plan, unmade)) {
    const known = standingOf(planned.key);
    const isUnmade = unmade.has(planned.key);
    const isHeld = known?.state === 'held' && isTakenUpNow(known.holdReason, planned, closed);
    const isWaiting = known === undefined || known.state === 'pending' || known.state === 'staging';
    if (known?.orphaned || !(isWaiting || isHeld || isUnmade)) continue;
    const job = expectedOf(planned);
    const passed = isUnmade || isHeld ? [] : (known?.passed.filter(isPassed) ?? []);
    yield { planned, job, choices: job.choices.filter(({ route }) => !passed.includes(route)) };
  }
}

/** A run starts over at the first choice of each job. */
function* jobsOfNext(store: Store | null, { jobs, prices }: Plan, next: NextRun): Generator<LeftJob> {
  const expectedOf = atPricesSeen(store, prices);
  for (const planned of jobsMeant(jobs, next.only)) {
    const job = expectedOf(planned);
    yield { planned, job, choices: job.choices };
  }
}

/** Whether a route that jobs were moved on from is nothing for them now: for the run at work, or for want of an open lane. */
function staysPassed(store: Store, batch: string): (route: RouteId) => boolean {
  if (isAtWork(store.path, batch)) return () => true;
  const sql = 'SELECT DISTINCT provider FROM lanes WHERE closed IS NOT NULL';
  const closed = new Set(
    prepared<[], { provider: string }>(store, sql)
      .all()
      .map(({ provider }) => provider),
  );
  return (route) => closed.has(route.slice(0, route.indexOf('/')));
}

const NONE: ReadonlySet<string> = new Set();
const NONE_CLOSED: ReadonlyMap<RouteId, unknown> = new Map();

/** Finished jobs that the last run was told to make again, and that the budget had no room for. */
function unmadeKeys(store: Store, batchId: number): ReadonlySet<string> {
  const keys = prepared<[number], { key: string }>(
    store,
    `SELECT key FROM jobs WHERE batch_id = ? AND remake_waits = 1 AND state = 'succeeded' AND changed IS NOT NULL`,
  ).all(batchId);
  return new Set(keys.map(({ key }) => key));
}

function notFinished({ jobs }: Plan, besides: ReadonlySet<string>): Iterable<PlannedJob> {
  return jobs instanceof BatchJobs ? jobs.unfinished(besides) : jobs;
}

interface Standing {
  readonly state: JobState;
  readonly orphaned: 0 | 1;
  readonly holdReason: HoldReason | null;
  /** Routes that a job has moved on from. */
  readonly passed: readonly RouteId[];
}

function standings(store: Store, batchId: number): (key: string) => Standing | undefined {
  const row = prepared<[number, string], Omit<Standing, 'passed'> & { passed: string | null }>(
    store,
    `SELECT state, orphaned, hold_reason AS holdReason, iif(choice = 0, NULL, (SELECT json_group_array(each.value ->> 'route')
         FROM json_each(planned, '$.choices') each WHERE each.key < choice)) AS passed
       FROM jobs WHERE batch_id = ? AND key = ?`,
  );
  return (key) => {
    const found = row.get(batchId, key);
    return found && { ...found, passed: found.passed === null ? [] : (JSON.parse(found.passed) as RouteId[]) };
  };
}
