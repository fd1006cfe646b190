import type { JobState, RouteId } from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** Where a job stands, in as little as a plan needs to know of it. */
export interface JobStanding {
  readonly state: JobState;
  /** The route that made its result. */
  readonly route: RouteId | null;
  /** A reviewer approved the output that it has now. */
  readonly approved: boolean;
}

interface Row {
  readonly key: string;
  readonly state: JobState;
  readonly route: RouteId | null;
  readonly approved: 0 | 1;
}

/**
 * The jobs of a batch by key; none when the state does not know it. Reads no plan and no output of any job.
 * @param which `unfinished`: only those that have not succeeded
 */
export function readStandings(
  store: Store,
  batch: string,
  which: 'all' | 'unfinished' = 'all',
): Map<string, JobStanding> {
  const rows = prepared<[string], Row>(
    store,
    `SELECT j.key, j.state, a.route, EXISTS (
         SELECT 1 FROM marks m WHERE m.job_id = j.id AND m.verdict = 'approve' AND m.sha256 = j.output ->> '$.sha256'
       ) AS approved
       FROM jobs j JOIN batches b ON b.id = j.batch_id LEFT JOIN attempts a ON a.id = j.attempt_id
       WHERE b.name = ?${which === 'all' ? '' : ` AND j.state <> 'succeeded'`}`,
  ).iterate(batch);
  const standings = new Map<string, JobStanding>();
  for (const { key, state, route, approved } of rows) standings.set(key, { state, route, approved: approved === 1 });
  return standings;
}
