import { isDeepStrictEqual } from 'node:util';
import { LocalizeError, type Plan, type PlannedJob } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import type { Clock } from '../clock.js';
import { batches, jobs } from './schema.js';
import { recountSpending } from './spending.js';
import type { BatchRow, JobRow, Store } from './store.js';

/** Where a batch's manifest and outputs are. */
export interface BatchPlace {
  readonly manifestPath: string;
  readonly folder: string;
  readonly sameBatch: boolean;
  /** Where its outputs are delivered to besides the disk. */
  readonly destination?: string | null;
}

/**
 * Writes what the manifest asks for into the state: new jobs are added, known ones get the new plan, and ones that left
 * the manifest are marked orphaned, never deleted. States are not touched: finished work stays finished.
 * @throws LocalizeError BATCH_ELSEWHERE when the name belongs to another manifest.
 */
export function registerPlan(store: Store, clock: Clock, plan: Plan, where: BatchPlace): BatchRow {
  return store.transact(() => {
    const batch = registerBatch(store, clock, plan, where);
    const known = new Map<string, JobRow>();
    for (const row of store.db.select().from(jobs).where(eq(jobs.batchId, batch.id)).all()) known.set(row.key, row);
    let relabeled = false;
    for (const planned of plan.jobs) {
      const row = known.get(planned.key);
      if (row === undefined) insertJob(store, batch.id, planned);
      else {
        relabeled ||= !isDeepStrictEqual(row.planned.labels, planned.labels);
        updateJob(store, row, planned);
      }
      known.delete(planned.key);
    }
    if (relabeled) recountSpending(store, batch.id);
    for (const orphan of known.values()) {
      if (!orphan.orphaned) store.db.update(jobs).set({ orphaned: true }).where(eq(jobs.id, orphan.id)).run();
    }
    return batch;
  });
}

function registerBatch(store: Store, clock: Clock, plan: Plan, where: BatchPlace): BatchRow {
  const { manifestPath, folder: outputDir, destination = null } = where;
  const known = store.db.select().from(batches).where(eq(batches.name, plan.batch)).get();
  const warnings = plan.warnings;
  if (known === undefined) {
    const row = { name: plan.batch, manifestPath, outputDir, destination, warnings, createdAt: clock.nowMs() };
    return store.db.insert(batches).values(row).returning().get();
  }
  if (known.manifestPath !== manifestPath && !where.sameBatch) {
    const message = `the batch ${plan.batch} belongs to ${known.manifestPath}`;
    const hint = 'give this manifest another batch name, or say --same-batch if it was moved';
    throw new LocalizeError('BATCH_ELSEWHERE', message, { hint });
  }
  const set = { manifestPath, outputDir, destination, warnings };
  return store.db.update(batches).set(set).where(eq(batches.id, known.id)).returning().get();
}

function insertJob(store: Store, batchId: number, planned: PlannedJob): void {
  const provider = planned.choices[0]?.provider ?? null;
  const { key, position } = planned;
  const counts = { choice: 0, retries: 0, stumbles: 0, readyAt: 0 };
  store.db
    .insert(jobs)
    .values({ batchId, key, position, state: 'pending', orphaned: false, planned, provider, ...counts })
    .run();
}

/** A job that has not been bought starts over at the first choice of the new plan. */
function updateJob(store: Store, row: JobRow, planned: PlannedJob): void {
  const provider = planned.choices[0]?.provider ?? null;
  store.db
    .update(jobs)
    .set({ planned, position: planned.position, orphaned: false, choice: 0, provider })
    .where(and(eq(jobs.id, row.id)))
    .run();
}
