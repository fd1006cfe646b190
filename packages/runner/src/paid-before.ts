import { sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KnownResult } from './content/result-index.js';
import { countAdopted } from './store/adopted.js';
import type { Journal } from './store/journal.js';
import { prepared } from './store/prepared.js';

/** Sidecars that are looked at before others get their turn. */
const LOOKS_AT_ONCE = 500;

/**
 * Counts what a lost state had paid for the results in a batch's own folder, also for those that were replaced or that
 * the manifest asks for differently now: a budget is for the batch's whole life. Called before anything is bought.
 */
export async function countPaidBefore(
  journal: Journal,
  batch: { readonly id: number; readonly folder: string },
  found: Iterable<readonly KnownResult[]>,
): Promise<void> {
  const own = [...found].flat().filter(({ path }) => path.startsWith(`${batch.folder}${sep}`));
  for (let from = 0; from < own.length; from += LOOKS_AT_ONCE) {
    const some = own.slice(from, from + LOOKS_AT_ONCE);
    journal.transact(() => {
      for (const { sidecar } of some) countOne(journal, batch.id, sidecar);
    });
    await nextTurn();
  }
}

function countOne({ store, clock }: Journal, batchId: number, sidecar: KnownResult['sidecar']): void {
  const job = prepared<[number, string], { id: number }>(
    store,
    'SELECT id FROM jobs WHERE batch_id = ? AND key = ?',
  ).get(batchId, sidecar.job);
  if (job !== undefined) countAdopted(store, job.id, sidecar, clock.wallMs());
}
