import { type ExchangeRecord, LocalizeError } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import type { Clock } from '../clock.js';
import type { RunEvent } from '../run-events.js';
import { Journal } from '../store/journal.js';
import { takeBatchLock } from '../store/open/batch-lock.js';
import { prepared } from '../store/prepared.js';
import { recover } from '../store/recover.js';
import { type BatchPlace, followManifest, refuseOtherManifest } from '../store/register-plan.js';
import { importRescueFile } from '../store/rescue/import-rescue-file.js';
import { findRow } from '../store/rows.js';
import { batches, jobs } from '../store/schema/schema.js';
import type { AttemptRow, BatchRow, JobRow, Store } from '../store/store.js';

export interface ActionOptions {
  readonly store: Store;
  readonly batch: string;
  readonly clock: Clock;
  readonly host: string;
  /** Where the batch is by the manifest that named it; absent: wherever it is known to be. */
  readonly from?: Pick<BatchPlace, 'manifestPath' | 'folder' | 'sameBatch'>;
  readonly onEvent?: (event: RunEvent) => void;
  /** Takes keys out of what is written down and told. */
  readonly withoutSecrets?: (text: string) => string;
}

/** Asks a provider about an attempt, and tells `onExchange` of each request with its reply. */
export type Ask<T> = (attempt: AttemptRow, onExchange: (record: ExchangeRecord) => void) => Promise<T>;

export interface ActionContext {
  readonly journal: Journal;
  readonly batch: BatchRow;
}

/**
 * Does one thing to a batch by hand, under the batch's lock, so that no run is at work on the same jobs.
 * @throws LocalizeError BATCH_LOCKED, BATCH_ELSEWHERE, JOB_UNKNOWN when the state has no such batch.
 */
export async function withBatch<T>(
  options: ActionOptions,
  act: (context: ActionContext) => Promise<T> | T,
): Promise<T> {
  const { store, clock, host, from } = options;
  const known = store.db.select().from(batches).where(eq(batches.name, options.batch)).get();
  if (known === undefined) {
    throw new LocalizeError('JOB_UNKNOWN', `the state knows no batch ${options.batch}`, { hint: 'run it first' });
  }
  if (from) refuseOtherManifest(known, from);
  const since = new Date(clock.wallMs()).toISOString();
  const lock = takeBatchLock(store.path, options.batch, { pid: process.pid, host, since });
  try {
    const batch = from ? store.transact(() => followManifest(store, known, from)) : known;
    const { withoutSecrets } = options;
    const journal = new Journal(store, clock, null, options.onEvent ?? (() => undefined), { withoutSecrets });
    importRescueFile(journal, batch.name);
    // What a dead run left without a reply is uncertain, to whoever asks first.
    recover(journal, batch.id);
    try {
      return await act({ journal, batch });
    } finally {
      journal.close();
    }
  } finally {
    lock.release();
  }
}

/** Asks about an attempt, with every request and reply in its job's history. */
export function askAbout<T>({ journal }: ActionContext, ask: Ask<T>, attempt: AttemptRow): Promise<T> {
  return ask(attempt, (record) => journal.exchange({ jobId: attempt.jobId, attemptId: attempt.id }, record));
}

/** @throws LocalizeError JOB_UNKNOWN */
export function jobByKey(context: ActionContext, key: string): JobRow {
  const { journal, batch } = context;
  const job = journal.store.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.batchId, batch.id), eq(jobs.key, key)))
    .get();
  if (job === undefined) {
    throw new LocalizeError('JOB_UNKNOWN', `the batch ${batch.name} has no job ${key}`, {
      hint: 'a job’s key is <video id>/<language tag>; localize status lists them',
    });
  }
  return job;
}

/**
 * The jobs that are asked for and have not succeeded, in the manifest's order, as each is when its turn comes: of a hundred
 * thousand a command is often about one, and no other is read.
 */
export function* unfinishedJobs({ journal, batch }: ActionContext, only: (key: string) => boolean): Generator<JobRow> {
  const rows = prepared<[number], Pick<JobRow, 'id' | 'key'>>(
    journal.store,
    `SELECT id, key FROM jobs WHERE batch_id = ? AND state <> 'succeeded' ORDER BY position, id`,
  ).all(batch.id);
  for (const { id, key } of rows) {
    const job = only(key) ? findRow(journal.store, jobs, 'WHERE id = ?', id) : undefined;
    if (job !== undefined) yield job;
  }
}
