import { isDeepStrictEqual } from 'node:util';
import { LocalizeError, type Plan, type PlannedJob } from '@localize/core';
import { eq } from 'drizzle-orm';
import type { Clock } from '../clock.js';
import { planDigest } from '../content/plan-digest.js';
import { BatchJobs } from './batch-jobs.js';
import { priceUnknown } from './money/expected-prices.js';
import { orderByPrice } from './money/order-by-price.js';
import { recountSpending } from './money/spending.js';
import { areOneFile } from './one-file.js';
import { moveOutputs } from './open/home.js';
import { prepared } from './prepared.js';
import { findRow, insertRow, updateRows } from './rows.js';
import { batches, jobs } from './schema/schema.js';
import type { BatchRow, Store } from './store.js';

/**
 * The state has another plan of the batch than the one whose jobs were to be read there: another run has registered it
 * since. The manifest must be read anew.
 */
export class PlanReplacedError extends Error {
  override readonly name = 'PlanReplacedError';

  constructor(batch: string) {
    super(`the plan of ${batch} was replaced in the state`);
  }
}

/** Where a batch's manifest and outputs are. */
export interface BatchPlace {
  readonly manifestPath: string;
  readonly folder: string;
  readonly sameBatch: boolean;
  /** Where its outputs are delivered to besides the disk. */
  readonly destination?: string | null;
  /** Where its files are staged; `null`: at each provider's own storage. */
  readonly staging?: string | null;
}

/**
 * Writes what the manifest asks for into the state: new jobs are added, known ones get the new plan, and ones that left
 * the manifest are marked orphaned, never deleted. States are not touched: finished work stays finished.
 * @throws LocalizeError BATCH_ELSEWHERE when the name belongs to another manifest.
 */
export function registerPlan(store: Store, clock: Clock, plan: Plan, where: BatchPlace): BatchRow {
  return store.transact(() => {
    const batch = registerBatch(store, clock, plan, where);
    if (batch.planDigest !== planDigest(plan)) registerJobs(store, batch, plan);
    startOver(store, batch);
    orderByPrice(store, batch.id, plan.prices);
    priceUnknown(store, plan.prices);
    return batch;
  });
}

function registerJobs(store: Store, batch: BatchRow, plan: Plan): void {
  if (plan.jobs instanceof BatchJobs && plan.jobs.isInState) throw new PlanReplacedError(plan.batch);
  const left = inManifest(store, batch);
  let relabeled = false;
  for (const planned of plan.jobs) {
    const known = knownJob(store, batch, planned);
    if (known === undefined) insertJob(store, batch.id, planned);
    else if (known.isSame === 0) relabeled = updateJob(store, known.id, planned) || relabeled;
    if (known !== undefined) left.delete(known.id);
  }
  for (const id of left) updateRows(store, jobs, { orphaned: true }, { id });
  if (relabeled) recountSpending(store, batch.id);
  updateRows(store, batches, { planDigest: planDigest(plan) }, { id: batch.id });
}

/** Ids of the jobs that the manifest had when it was registered last. */
function inManifest(store: Store, { id }: BatchRow): Set<number> {
  const ids = prepared<[number], number>(store, 'SELECT id FROM jobs WHERE batch_id = ? AND orphaned = 0').pluck();
  return new Set(ids.all(id));
}

/** What the state has of a job of the plan, and whether that is the same. */
function knownJob(
  store: Store,
  { id }: BatchRow,
  planned: PlannedJob,
): { readonly id: number; readonly isSame: 0 | 1 } | undefined {
  return prepared<[string, number, string], { id: number; isSame: 0 | 1 }>(
    store,
    'SELECT id, orphaned = 0 AND planned = ? AS isSame FROM jobs WHERE batch_id = ? AND key = ?',
  ).get(JSON.stringify(planned), id, planned.key);
}

/** A job that has not been bought starts over at the first choice of its plan. */
function startOver(store: Store, batch: BatchRow): void {
  prepared<[number], unknown>(
    store,
    `UPDATE jobs INDEXED BY jobs_moved_on SET choice = 0, provider = planned ->> '$.choices[0].provider'
       WHERE batch_id = ? AND orphaned = 0 AND (choice <> 0 OR provider IS NULL)`,
  ).run(batch.id);
}

/** Of a batch that stages nothing itself. */
const AT_PROVIDERS = 'providers';

function registerBatch(store: Store, clock: Clock, plan: Plan, where: BatchPlace): BatchRow {
  const { manifestPath, folder: outputDir, destination = null } = where;
  const staging = where.staging ?? AT_PROVIDERS;
  const known = store.db.select().from(batches).where(eq(batches.name, plan.batch)).get();
  const warnings = plan.warnings;
  if (known === undefined) {
    const row = {
      name: plan.batch,
      manifestPath,
      outputDir,
      destination,
      staging,
      warnings,
      createdAt: clock.wallMs(),
    };
    return store.db.insert(batches).values(row).returning().get();
  }
  const { id } = followManifest(store, known, where);
  const set = { outputDir, destination, staging, warnings };
  return store.db.update(batches).set(set).where(eq(batches.id, id)).returning().get();
}

/**
 * Writes down where the manifest of a batch is now, and its outputs: moved or copied with it, the original's are not
 * touched. Within a transaction.
 * @throws LocalizeError BATCH_ELSEWHERE
 */
export function followManifest(
  store: Store,
  known: BatchRow,
  where: Pick<BatchPlace, 'manifestPath' | 'folder' | 'sameBatch'>,
): BatchRow {
  refuseOtherManifest(known, where);
  const { manifestPath, folder: outputDir } = where;
  if (known.manifestPath === manifestPath) return known;
  moveOutputs(store.sqlite, { from: known.outputDir, to: outputDir, batchId: known.id });
  const set = { manifestPath, outputDir };
  return store.db.update(batches).set(set).where(eq(batches.id, known.id)).returning().get();
}

const OTHER_MANIFEST_HINT = 'give this manifest another batch name, or say --same-batch if it was moved';

/** @throws LocalizeError BATCH_ELSEWHERE when the batch belongs to another manifest, and nobody said that it is this one. */
export function refuseOtherManifest(
  { name, manifestPath }: BatchRow,
  from: Pick<BatchPlace, 'manifestPath' | 'sameBatch'>,
): void {
  if (from.sameBatch || areOneFile(manifestPath, from.manifestPath)) return;
  throw new LocalizeError('BATCH_ELSEWHERE', `the batch ${name} belongs to ${manifestPath}`, {
    hint: OTHER_MANIFEST_HINT,
  });
}

/** Why a run of this manifest would be refused; `null`: it would not, as far as the batch's name goes. */
export function otherManifest(store: Store, batch: string, manifestPath: string): string | null {
  const known = store.db.select().from(batches).where(eq(batches.name, batch)).get();
  if (known === undefined || areOneFile(known.manifestPath, manifestPath)) return null;
  return `a run is refused, since the batch ${batch} belongs to ${known.manifestPath}: ${OTHER_MANIFEST_HINT}`;
}

function insertJob(store: Store, batchId: number, planned: PlannedJob): void {
  const provider = planned.choices[0]?.provider ?? null;
  const { key, position } = planned;
  const counts = { choice: 0, retries: 0, stumbles: 0, readyAt: 0 };
  insertRow(store, jobs, { batchId, key, position, state: 'pending', orphaned: false, planned, provider, ...counts });
}

/** @returns whether its labels are others now */
function updateJob(store: Store, id: number, planned: PlannedJob): boolean {
  const before = findRow(store, jobs, 'WHERE id = ?', id)?.planned;
  const provider = planned.choices[0]?.provider ?? null;
  const { position } = planned;
  updateRows(store, jobs, { planned, position, orphaned: false, choice: 0, provider, asPlanned: false }, { id });
  return !isDeepStrictEqual(before?.labels, planned.labels);
}
