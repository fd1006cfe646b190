import { sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KnownResult } from '../content/result-index.js';
import type { Sidecar } from '../content/sidecar.js';
import type { RunContext } from '../run-context.js';
import type { Journal } from '../store/journal.js';
import { countAdopted, isInBooks, learnFromAdopted } from '../store/money/adopted.js';
import { priceUnknown } from '../store/money/expected-prices.js';
import { insertRemovedJob, jobNamed, removedJob } from '../store/removed-jobs.js';
import type { JobRow } from '../store/store.js';

/** Sidecars that are looked at before others get their turn. */
const LOOKS_AT_ONCE = 500;

interface OwnBatch {
  readonly id: number;
  readonly folder: string;
}

/**
 * Counts what a lost state had paid for the results in a batch's own folder, also for those that were replaced or that
 * the manifest asks for differently now: a budget is for the batch's whole life. Called before anything is bought.
 */
export async function countPaidBefore(
  journal: Journal,
  batch: OwnBatch,
  found: Iterable<readonly KnownResult[]>,
): Promise<void> {
  await countOwn(journal, batch, found, ({ job }) => jobNamed(journal.store, batch.id, job));
}

/**
 * Counts the same for jobs that have left the manifest: each is shown as orphaned, as a state shows it that was not lost.
 * Called once the jobs of the manifest have taken up what was made of the very same: of one that was only renamed, the
 * money goes with the result.
 */
export async function countRemoved({ journal, batchId, folder, plan, resultsOnDisk }: RunContext): Promise<void> {
  const { store } = journal;
  const found = (await resultsOnDisk()).values();
  await countOwn(journal, { id: batchId, folder }, found, (sidecar) => {
    const removed = removedJob(sidecar);
    return removed === null
      ? undefined
      : (jobNamed(store, batchId, removed.key) ?? insertRemovedJob(store, batchId, removed));
  });
  journal.transact(() => priceUnknown(store, plan.prices));
}

async function countOwn(
  journal: Journal,
  { folder }: OwnBatch,
  found: Iterable<readonly KnownResult[]>,
  jobOf: (sidecar: Sidecar) => JobRow | undefined,
): Promise<void> {
  const own = [...found].flat().filter(({ path }) => path.startsWith(`${folder}${sep}`));
  for (let from = 0; from < own.length; from += LOOKS_AT_ONCE) {
    const some = own.slice(from, from + LOOKS_AT_ONCE);
    journal.transact(() => {
      for (const { sidecar } of some) countOne(journal, sidecar, jobOf);
    });
    await nextTurn();
  }
}

function countOne({ store, clock }: Journal, sidecar: Sidecar, jobOf: (sidecar: Sidecar) => JobRow | undefined): void {
  if (isInBooks(store, sidecar)) return;
  const job = jobOf(sidecar);
  if (job === undefined) return;
  countAdopted(store, job.id, sidecar, clock.wallMs());
  learnFromAdopted(store, job.planned, sidecar, clock.wallMs());
}
