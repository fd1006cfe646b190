import type { Plan, PlannedJob } from '@localize/core';
import { changedParts, fingerprintOf, fingerprintParts } from './content/fingerprint.js';
import { ContentIds } from './content/hash-file.js';
import { planDigest } from './content/plan-digest.js';
import { prepared } from './store/prepared.js';
import { findRow } from './store/rows.js';
import { attempts, batches, jobs } from './store/schema.js';
import type { AttemptRow, JobRow, Store } from './store/store.js';

export interface ChangedJob {
  readonly key: string;
  /** What changed since the result was made, in the manifest's words. */
  readonly fields: readonly string[];
}

/**
 * Finished jobs that the manifest asks for differently now: what `--remake` would buy again. Reads only; files are hashed
 * where their hash is not known yet.
 */
export async function changedJobs(store: Store, plan: Plan): Promise<ChangedJob[]> {
  const contents = new ContentIds(store);
  const changed: ChangedJob[] = [];
  for (const [id, now] of doubtfulJobs(store, plan)) {
    const job = findRow(store, jobs, 'WHERE id = ?', id);
    const fields = job ? await changedFields(store, contents, job, now ?? job.planned) : [];
    if (job && fields.length > 0) changed.push({ key: job.key, fields });
  }
  return changed;
}

/**
 * Finished jobs of which a look at their plan alone does not tell that they are as it asks, by id, with what the plan
 * asks for now; `null` where the state has that already.
 */
function doubtfulJobs(store: Store, plan: Plan): Map<number, PlannedJob | null> {
  const batch = findRow(store, batches, 'WHERE name = ?', plan.batch);
  if (batch === undefined) return new Map();
  const { id, planDigest: digest } = batch;
  const finished = `SELECT id, key, planned, as_planned AS asPlanned FROM jobs WHERE batch_id = ? AND state = 'succeeded'`;
  type Row = { id: number; key: string; planned: string; asPlanned: 0 | 1 };
  if (digest === planDigest(plan)) {
    const rows = prepared<[number], { id: number }>(
      store,
      `SELECT id FROM jobs INDEXED BY jobs_doubtful WHERE batch_id = ? AND orphaned = 0
         AND state = 'succeeded' AND (as_planned = 0 OR changed IS NOT NULL OR edited = 1)`,
    ).all(id);
    return new Map(rows.map((row) => [row.id, null]));
  }
  const planned = new Map([...plan.jobs].map((job) => [job.key, job]));
  const doubtful = new Map<number, PlannedJob>();
  for (const row of prepared<[number], Row>(store, finished).iterate(id)) {
    const now = planned.get(row.key);
    const isSame = row.asPlanned === 1 && row.planned === JSON.stringify(now);
    if (now !== undefined && !isSame) doubtful.set(row.id, now);
  }
  return doubtful;
}

/**
 * Compares a result with the choice of the route that made it, so that the order of preference never asks for a re-make.
 * @returns the fields that differ; none when it is what the plan asks for.
 */
export async function changedFields(
  store: Store,
  ids: ContentIds,
  job: JobRow,
  { choices, ...planned }: PlannedJob,
): Promise<string[]> {
  const attempt = attemptOf(store, job);
  const made = choices.filter((each) => each.route === attempt?.route);
  let changed: string[] = [];
  for (const choice of made.length > 0 ? made : choices) {
    const parts = await fingerprintParts(ids, { ...planned, choices }, choice);
    if (fingerprintOf(parts) === job.fingerprint) return [];
    // An adopted result has no attempt that says what was sent for it.
    changed = attempt ? changedParts(attempt.request.parts, parts) : ['inputs'];
  }
  return changed;
}

/** The attempt that made a job's result; a result that was adopted from a sidecar has none. */
export function attemptOf(store: Store, job: JobRow): AttemptRow | undefined {
  if (job.attemptId === null) return undefined;
  return findRow(store, attempts, 'WHERE id = ?', job.attemptId);
}
