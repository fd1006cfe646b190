import {
  count,
  type JobSnapshot,
  type PlannedJob,
  SNAPSHOT_VERSION,
  type Snapshot,
  type StreamedSnapshot,
} from '@localize/core';
import { eq } from 'drizzle-orm';
import { bootClock } from '../clock/boot-clock.js';
import { machineTimeZone } from '../clock/machine-time-zone.js';
import { undelivered } from '../deliveries.js';
import { boughtUnderFormerNames } from '../former/former-names.js';
import { lanesOfBatch } from '../lanes/lanes-of-batch.js';
import { readAdopted } from '../money/adopted.js';
import { prepared } from '../prepared.js';
import { type JobReview, readReviews } from '../review/review-marks.js';
import { readRows } from '../rows.js';
import { readRuns } from '../runs.js';
import { attempts, batches, jobs } from '../schema/schema.js';
import { asItStands } from '../standing.js';
import type { BatchRow, JobRow, Store, ToldAttempt } from '../store.js';
import { toJob } from './job-snapshot.js';
import type { SnapshotOptions } from './snapshot-options.js';
import { type HasTwin, twinLook } from './taken-from.js';
import { earlierVideo, missing, remakingOf } from './video-standing.js';

/** The read model of one batch, or `null` when the state does not know it. Reads only; works while a run goes on. */
export function readSnapshot(store: Store, options: SnapshotOptions): Snapshot | null {
  return withSnapshot(store, options, (snapshot) => snapshot && { ...snapshot, jobs: [...snapshot.jobs] });
}

/**
 * The same without all jobs in memory: `look` may go through them as often as it likes, and finds the state as it was
 * when it began. They are not read after it has returned.
 */
export function withSnapshot<T>(
  store: Store,
  options: SnapshotOptions,
  look: (snapshot: StreamedSnapshot | null) => T,
): T {
  const batch = store.db.select().from(batches).where(eq(batches.name, options.batch)).get();
  if (batch === undefined) return look(null);
  const slotNowMs = bootClock(store).nowMs();
  return store.db.transaction(() =>
    look({
      version: SNAPSHOT_VERSION,
      batch: batch.name,
      manifest: options.manifest,
      emulated: options.emulated,
      takenAtMs: options.nowMs,
      timeZone: machineTimeZone(),
      runs: readRuns(store, batch),
      lanes: lanesOfBatch(store, batch, { nowMs: options.nowMs, slotNowMs }),
      jobs: storedJobs(store, batch, options),
      warnings: [
        ...batch.warnings,
        ...deliveryWarnings(store, batch, options),
        ...boughtUnderFormerNames(store, { batch: batch.name, jobs: plannedJobs(store, batch) }, batch.manifestPath),
      ],
    }),
  );
}

/** Outputs that are finished, but not at their destination: nothing else shows them. */
function deliveryWarnings(store: Store, { id, destination }: BatchRow, { manifest }: SnapshotOptions): string[] {
  const { jobs: waiting, failure } = undelivered(store, id);
  if (waiting === 0) return [];
  const why = failure === null ? '' : ` (${failure})`;
  return [`${count(waiting, 'output')} not delivered to ${destination} yet${why}: localize ${manifest}`];
}

/** What the batch asks for, as far as the state knows. */
function plannedJobs(store: Store, { id }: BatchRow): Iterable<PlannedJob> {
  const planned = prepared<[number], string>(store, 'SELECT planned FROM jobs WHERE batch_id = ? AND orphaned = 0');
  return {
    *[Symbol.iterator]() {
      for (const each of planned.pluck().all(id)) yield JSON.parse(each as string) as PlannedJob;
    },
  };
}

/** So many jobs are in memory at a time. */
const READ_TOGETHER = 100;

/** The jobs of a batch in the manifest's order. */
function storedJobs(store: Store, batch: BatchRow, options: SnapshotOptions): Iterable<JobSnapshot> {
  const ids = prepared<[number], number>(store, 'SELECT id FROM jobs WHERE batch_id = ? ORDER BY position, id')
    .pluck()
    .all(batch.id) as number[];
  return {
    *[Symbol.iterator]() {
      const hasTwin = twinLook(store, ids.length);
      for (let from = 0; from < ids.length; from += READ_TOGETHER) {
        yield* readJobs(store, ids.slice(from, from + READ_TOGETHER), hasTwin, options);
      }
    },
  };
}

function readJobs(store: Store, ids: readonly number[], hasTwin: HasTwin, options: SnapshotOptions): JobSnapshot[] {
  const asked = JSON.stringify(ids);
  const byJob = new Map<number, ToldAttempt[]>();
  // In the order of buying: a stored time may lie before an older one, where the clock was set back between two boots.
  const ofJobs = 'WHERE job_id IN (SELECT value FROM json_each(?)) ORDER BY rowid';
  for (const attempt of readRows(store, attempts, { without: 'request', tail: ofJobs }, asked)) {
    const own = byJob.get(attempt.jobId);
    if (own === undefined) byJob.set(attempt.jobId, [attempt]);
    else own.push(attempt);
  }
  const adopted = readAdopted(store, ids);
  const inOrder = 'WHERE id IN (SELECT value FROM json_each(?)) ORDER BY position, id';
  const { edited } = options;
  const found: JobRow[] = readRows(store, jobs, { tail: inOrder }, asked);
  const rows = found.map(
    (row) => asItStands(store, row) ?? (edited ? { ...row, edited: edited.get(row.id) === 'edited' } : row),
  );
  const reviews = readReviews(store, rows);
  return rows.map((row, index) => {
    const own = byJob.get(row.id) ?? [];
    const stored = found[index];
    const told = toJob(store, row, { own, adopted: adopted.get(row.id) ?? [], hasTwin }, options);
    return {
      ...told,
      ...(edited?.get(row.id) === 'missing' && missing(row, options)),
      ...(stored !== undefined && stored.state !== row.state && remakingOf(store, stored, { own, row, told }, options)),
      ...earlierVideo(row, { ...options, told, review: reviews.get(row.id) }),
      ...reviewOf(reviews, row),
    };
  });
}

/** What nobody has said is absent. */
function reviewOf(
  reviews: ReadonlyMap<number, JobReview>,
  row: JobRow,
): Pick<JobSnapshot, 'marks' | 'earlierMarks' | 'redo'> {
  const review = reviews.get(row.id);
  if (review === undefined) return {};
  const { marks, earlierMarks, redo } = review;
  return {
    ...(marks.length > 0 && { marks }),
    ...(earlierMarks.length > 0 && { earlierMarks }),
    ...(redo && { redo }),
  };
}
