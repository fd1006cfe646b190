import type { PlannedJob } from '@localize/core';
import { ContentClues } from '../content/content-clues.js';
import { ContentIds } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';
import { askedFingerprints } from '../foresee/find-former-jobs.js';
import type { JobRow, Store } from '../store/store.js';

/**
 * Finished jobs that the manifest as it is now has no more, whatever the last run has marked. One whose video another job
 * of the manifest would take instead of buying (a renamed one, say) does not count: it is wanted.
 * @param rows all jobs of the batch
 */
export async function jobsThatLeft(
  store: Store,
  rows: readonly JobRow[],
  planned: Iterable<PlannedJob>,
): Promise<(job: JobRow) => boolean> {
  const inManifest = new Set(Array.from(planned, ({ key }) => key));
  const left = rows.filter(({ key, state }) => state === 'succeeded' && !inManifest.has(key));
  if (left.length === 0) return () => false;
  const wanted = await unmadeFingerprints(store, rows, planned);
  const ids = new Set(left.flatMap(({ id, fingerprint }) => (wanted.has(fingerprint ?? '') ? [] : id)));
  return ({ id }) => ids.has(id);
}

/** Of what is to be made yet, on whichever of its routes, first or again. */
async function unmadeFingerprints(
  store: Store,
  rows: readonly JobRow[],
  planned: Iterable<PlannedJob>,
): Promise<Set<string>> {
  const contents = { clues: new ContentClues(store), ids: new ContentIds(store) };
  const made = new Map(rows.map((row) => [row.key, row.state === 'succeeded' ? row.fingerprint : null]));
  const unmade = new Set<string>();
  for (const job of planned) {
    const asked = (await ifReadable(askedFingerprints(job, contents))) ?? [];
    if (asked.includes(made.get(job.key) ?? '')) continue;
    for (const fingerprint of asked) unmade.add(fingerprint);
  }
  return unmade;
}
