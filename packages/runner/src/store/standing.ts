import { HOLD_REASONS } from '@localize/core';
import { placeOf } from '../content/whole-output.js';
import { prepared } from './prepared.js';
import type { StandingVideo } from './schema/stored-types.js';
import type { JobRow, Store } from './store.js';

/**
 * A finished job that is to be made again, and for which nothing was bought since, as it was before: its video lies where it
 * did until another takes its place, or somebody put another file there or deleted it. `null` where it is no such job.
 */
export function asItStands(store: Store, job: JobRow): JobRow | null {
  const { standing, output } = job;
  if (output !== null || standing === null || !isUnbought(store, job)) return null;
  return {
    ...job,
    ...standing,
    state: 'succeeded',
    holdReason: null,
    failure: null,
    changed: null,
    edited: placeOf(standing.output) === 'other',
  };
}

/** What a job is again that has its earlier video back. The next run looks at what the manifest asks of it. */
export function withStanding({ output, fingerprint, attemptId }: StandingVideo) {
  return { output, fingerprint, attemptId, ...AS_BEFORE };
}

const AS_BEFORE = {
  standing: null,
  failure: null,
  changed: null,
  edited: false,
  asPlanned: false,
  retries: 0,
  stumbles: 0,
  readyAt: 0,
};

/** What the jobs of a batch have of their videos while those are to be made again, by key. */
export function standingVideos(store: Store | null, batch: string): Map<string, StandingVideo> {
  if (store === null) return new Map();
  const rows = prepared<[string], { readonly key: string; readonly standing: string }>(
    store,
    `SELECT key, standing FROM jobs WHERE batch_id = (SELECT id FROM batches WHERE name = ?)
       AND standing IS NOT NULL AND output IS NULL`,
  ).all(batch);
  return new Map(rows.map(({ key, standing }) => [key, JSON.parse(standing) as StandingVideo]));
}

function isUnbought(store: Store, { id, state, holdReason, standing }: JobRow): boolean {
  if (state === 'held') return holdReason !== null && HOLD_REASONS[holdReason].paid === 'no';
  if (state !== 'failed') return state === 'pending' || state === 'staging';
  const since = `SELECT 1 FROM attempts WHERE job_id = ? AND state <> 'refused'
    AND rowid > coalesce((SELECT rowid FROM attempts WHERE id = ?), 0)`;
  return prepared<[number, string | null], unknown>(store, since).get(id, standing?.attemptId ?? null) === undefined;
}
