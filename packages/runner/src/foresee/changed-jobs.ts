import type { JobState, Plan, PlannedJob, RouteId } from '@localize/core';
import {
  changedDigests,
  fingerprintOf,
  fingerprintParts,
  fingerprintsOf,
  type PartDigests,
  partDigests,
} from '../content/fingerprint.js';
import type { ContentIds } from '../content/hash-file.js';
import { isReplaced } from '../content/lying-output.js';
import { planDigest } from '../content/plan-digest.js';
import type { KnownResult } from '../content/result-index.js';
import { readSidecar, sidecarPath } from '../content/sidecar.js';
import { paidAttempt } from '../store/money/paid-attempt.js';
import { openAttempt } from '../store/open-attempt.js';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { IS_DOUBTFUL } from '../store/schema/doubtful-jobs.js';
import { attempts, batches, jobs } from '../store/schema/schema.js';
import type { AttemptRow, JobRow, Store } from '../store/store.js';
import { hasOutput } from '../store/twins/made-already.js';
import { isOnDisk } from './loose-results.js';
import { PlanLook } from './plan-look.js';

export interface ChangedJob {
  readonly key: string;
  /** What changed since the result was made, in the manifest's words. */
  readonly fields: readonly string[];
  /** What is asked for was paid for before: a run takes or fetches that again instead of buying. */
  readonly isPaidFor?: true;
}

/**
 * Finished jobs that the manifest asks for differently now: what `--remake` would buy again. Those in whose video's place
 * somebody put another file are none: that is left alone. Reads only; files are hashed where their hash is not known yet.
 */
export async function changedJobs(store: Store, plan: Plan, look = new PlanLook(store, plan)): Promise<ChangedJob[]> {
  const changed: ChangedJob[] = [];
  for (const [id, now] of doubtfulJobs(store, plan, ['succeeded'])) {
    const job = findRow(store, jobs, 'WHERE id = ?', id);
    const wanted = now ?? job?.planned;
    const fields = job && wanted ? await changedFields(store, look.ids, job, wanted) : [];
    if (!job || !wanted || fields.length === 0 || (await isReplaced(job))) continue;
    const isPaid = await isPaidFor(store, look, job, wanted);
    changed.push({ key: job.key, fields, ...(isPaid && { isPaidFor: true }) });
  }
  return changed;
}

/** Whether a run takes such a result or fetches it, as it will: from the state, from what lies at its place, or near it. */
async function isPaidFor(store: Store, look: PlanLook, job: JobRow, wanted: PlannedJob): Promise<boolean> {
  const own = job.output === null ? null : await resultAt(job.output.path);
  for (const fingerprint of await fingerprintsOf(look.ids, wanted)) {
    if (paidAttempt(store, job, fingerprint) !== null || hasOutput(store, fingerprint)) return true;
    // A re-make of which the state knows nothing: an older copy of the state was put back.
    if (own?.sidecar.fingerprint === fingerprint && isOnDisk(own)) return true;
    if ((await look.loose()).of.get(fingerprint)?.some(isOnDisk)) return true;
  }
  return false;
}

async function resultAt(path: string): Promise<KnownResult | null> {
  const sidecar = await readSidecar(sidecarPath(path));
  return sidecar && { path, sidecar };
}

/**
 * Jobs that are bought and not finished, and that the manifest asks for differently now. What is bought is followed to its
 * end first; from then on they are among {@link changedJobs}. Reads only.
 */
export async function changedUnderWay(
  store: Store,
  plan: Plan,
  look = new PlanLook(store, plan),
): Promise<ChangedJob[]> {
  const changed: ChangedJob[] = [];
  for (const [id, now] of doubtfulJobs(store, plan, ['submitting', 'processing', 'downloading', 'held'])) {
    const job = findRow(store, jobs, 'WHERE id = ?', id);
    const bought = job && boughtAttempt(store, job);
    const fields = bought ? await fieldsSince(look.ids, now ?? job.planned, madeBy(bought)) : [];
    if (job && fields.length > 0) changed.push({ key: job.key, fields });
  }
  return changed;
}

/**
 * Jobs in these states of which a look at their plan alone does not tell that they are as it asks, by id, with what the
 * plan asks for now; `null` where the state has that already.
 */
function doubtfulJobs(store: Store, plan: Plan, states: readonly JobState[]): Map<number, PlannedJob | null> {
  const batch = findRow(store, batches, 'WHERE name = ?', plan.batch);
  if (batch === undefined) return new Map();
  const { id, planDigest: digest } = batch;
  const inStates = `batch_id = ? AND state IN (${states.map((state) => `'${state}'`).join(', ')})`;
  if (digest === planDigest(plan)) {
    // The index has the finished ones alone, of which there are many.
    const index = states.every((state) => state === 'succeeded') ? 'jobs_doubtful' : 'jobs_backlog';
    const rows = prepared<[number], { id: number }>(
      store,
      `SELECT id FROM jobs INDEXED BY ${index} WHERE ${inStates} AND orphaned = 0
         AND ${index === 'jobs_doubtful' ? "state = 'succeeded' AND" : ''} ${IS_DOUBTFUL}`,
    ).all(id);
    return new Map(rows.map((row) => [row.id, null]));
  }
  const doubtful = new Map<number, PlannedJob>();
  const known = prepared<[string, number, string], { id: number; isSame: 0 | 1 }>(
    store,
    `SELECT id, as_planned = 1 AND planned = ? AS isSame FROM jobs WHERE ${inStates} AND key = ?`,
  );
  for (const now of plan.jobs) {
    const row = known.get(JSON.stringify(now), id, now.key);
    if (row?.isSame === 0) doubtful.set(row.id, now);
  }
  return doubtful;
}

/** What is known of the making of a result. */
export interface Made {
  readonly route: RouteId | null;
  readonly fingerprint: string | null;
  /** `null`: nothing tells. */
  readonly of: PartDigests | null;
}

/**
 * Compares a result with the choice of the route that made it, so that the order of preference never asks for a re-make.
 * @returns the fields that differ; none when it is what the plan asks for.
 */
export async function changedFields(
  store: Store,
  ids: ContentIds,
  job: JobRow,
  planned: PlannedJob,
): Promise<string[]> {
  const attempt = attemptOf(store, job);
  const made = attempt ? madeBy(attempt) : await adoptedMaking(job);
  return fieldsSince(ids, planned, { ...made, fingerprint: job.fingerprint });
}

/** The fields in which what the plan asks for differs from what a result was made of; none where it does in none. */
export async function fieldsSince(ids: ContentIds, planned: PlannedJob, made: Made): Promise<string[]> {
  const { choices } = planned;
  const onRoute = choices.filter((each) => each.route === made.route);
  let changed: string[] = [];
  for (const choice of onRoute.length > 0 ? onRoute : choices) {
    const parts = await fingerprintParts(ids, planned, choice);
    if (fingerprintOf(parts) === made.fingerprint) return [];
    changed = made.of === null ? ['inputs'] : changedDigests(made.of, partDigests(parts));
  }
  return changed;
}

function madeBy({ route, fingerprint, request }: AttemptRow): Made {
  return { route, fingerprint, of: partDigests(request.parts) };
}

/** An adopted result has no attempt that says what was sent for it; its sidecar may. */
async function adoptedMaking({ output, fingerprint }: JobRow): Promise<Made> {
  const sidecar = output ? await readSidecar(sidecarPath(output.path)) : null;
  if (sidecar?.fingerprint !== fingerprint) return { route: null, fingerprint, of: null };
  return { route: sidecar.route, fingerprint, of: sidecar.made_of ?? null };
}

/** The attempt that made a job's result; a result that was adopted from a sidecar has none. */
export function attemptOf(store: Store, job: JobRow): AttemptRow | undefined {
  if (job.attemptId === null) return undefined;
  return findRow(store, attempts, 'WHERE id = ?', job.attemptId);
}

/** The attempt whose result a job waits for. */
function boughtAttempt(store: Store, job: JobRow): AttemptRow | undefined {
  const paid = job.output === null ? attemptOf(store, job) : undefined;
  return openAttempt(store, job) ?? (paid?.state === 'completed' ? paid : undefined);
}
