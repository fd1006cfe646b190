import { type HoldReason, isTakenUpAgain, type JobState, type Plan, type RouteId } from '@localize/core';
import { UNFINISHED_IDS } from '../batch-jobs.js';
import { closedRoutes } from '../money/closed-routes.js';
import { isTakenUpNow } from '../placement/taken-up-now.js';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/** Where a job stands, in as little as a plan needs to know of it. */
export interface JobStanding {
  readonly state: JobState;
  /** The route that made its result. */
  readonly route: RouteId | null;
  /** Held, with nothing paid, for what a run looks into again by itself: it is bought like a job that waits. */
  readonly isTakenUpAgain: boolean;
  /** A reviewer approved the output that it has now. */
  readonly approved: boolean;
}

interface Row {
  readonly key: string;
  readonly state: JobState;
  readonly route: RouteId | null;
  readonly holdReason: HoldReason | null;
  readonly approved: 0 | 1;
}

/**
 * The jobs of a batch by key; none when the state does not know it. Reads no plan and no output of any job in the
 * state.
 * @param plan as the run to come would carry it out
 * @param besides keys of the finished jobs that are read; all by default
 */
export function readStandings(
  store: Store,
  plan: Pick<Plan, 'batch' | 'prices' | 'jobs'>,
  besides: ReadonlySet<string> | null = null,
): Map<string, JobStanding> {
  const rows = prepared<[{ batch: string; keys: string }], Row>(
    store,
    `SELECT j.key, j.state, a.route, j.hold_reason AS holdReason, EXISTS (
         SELECT 1 FROM marks m WHERE m.job_id = j.id AND m.verdict = 'approve' AND m.sha256 = j.output ->> '$.sha256'
       ) AS approved
       FROM jobs j JOIN batches b ON b.id = j.batch_id LEFT JOIN attempts a ON a.id = j.attempt_id
       WHERE b.name = @batch ${besides === null ? '' : `AND j.id IN (${UNFINISHED_IDS})`}`,
  ).iterate({ batch: plan.batch, keys: JSON.stringify([...(besides ?? [])]) });
  const standings = new Map<string, JobStanding>();
  const tooDear: string[] = [];
  for (const { key, state, route, holdReason, approved } of rows) {
    const isAgain = holdReason !== null && isTakenUpAgain(holdReason);
    if (holdReason === 'price-risen') tooDear.push(key);
    standings.set(key, { state, route, isTakenUpAgain: isAgain, approved: approved === 1 });
  }
  for (const key of stillTooDear(store, plan, new Set(tooDear))) {
    const known = standings.get(key);
    if (known) standings.set(key, { ...known, isTakenUpAgain: false });
  }
  return standings;
}

/** Those of the jobs whose routes all stay closed. */
function stillTooDear(
  store: Store,
  { jobs, prices }: Pick<Plan, 'prices' | 'jobs'>,
  tooDear: ReadonlySet<string>,
): string[] {
  const closed = tooDear.size === 0 ? null : closedRoutes(store, prices);
  if (closed === null || closed.size === 0) return [];
  const still: string[] = [];
  for (const { key, choices } of jobs)
    if (tooDear.has(key) && !isTakenUpNow('price-risen', { choices }, closed)) still.push(key);
  return still;
}
