import type { Plan, PlannedJob } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { changedParts, fingerprintOf, fingerprintParts } from './content/fingerprint.js';
import { ContentIds } from './content/hash-file.js';
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
  const planned = new Map(plan.jobs.map((job) => [job.key, job]));
  const ids = new ContentIds(store);
  const finished = store.db
    .select({ job: jobs })
    .from(jobs)
    .innerJoin(batches, eq(jobs.batchId, batches.id))
    .where(and(eq(batches.name, plan.batch), eq(jobs.state, 'succeeded')))
    .all();
  const changed: ChangedJob[] = [];
  for (const { job } of finished) {
    const now = planned.get(job.key);
    const fields = now ? await changedFields(store, ids, job, now) : [];
    if (fields.length > 0) changed.push({ key: job.key, fields });
  }
  return changed;
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
