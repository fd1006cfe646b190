import { and, asc, eq } from 'drizzle-orm';
import { sha256File } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';
import { lookAt } from '../content/regular-file.js';
import { batches, jobs } from '../store/schema.js';
import type { Store } from '../store/store.js';

export interface VerifiedOutput {
  readonly key: string;
  /** Absolute. */
  readonly path: string;
  /** `changed`: what is there is not the file that was downloaded. `unreadable`: nobody may read it. */
  readonly found: 'same' | 'changed' | 'missing' | 'unreadable';
}

/** Hashes every finished output of a batch, in the manifest's order, and compares it with what was downloaded. Reads only. */
export async function verifyOutputs(
  store: Store,
  batch: string,
  only: (key: string) => boolean,
): Promise<VerifiedOutput[]> {
  const finished = store.db
    .select({ key: jobs.key, output: jobs.output })
    .from(jobs)
    .innerJoin(batches, eq(jobs.batchId, batches.id))
    .where(and(eq(batches.name, batch), eq(jobs.state, 'succeeded')))
    .orderBy(asc(jobs.position))
    .all();
  const verified: VerifiedOutput[] = [];
  for (const { key, output } of finished) {
    if (output === null || !only(key)) continue;
    verified.push({ key, path: output.path, found: await compare(output.path, output.bytes, output.sha256) });
  }
  return verified;
}

async function compare(path: string, bytes: number, sha256: string): Promise<VerifiedOutput['found']> {
  const found = lookAt(path);
  if (found.kind === 'nothing') return 'missing';
  if (found.kind === 'hidden') return 'unreadable';
  if (found.kind !== 'file' || found.facts.size !== bytes) return 'changed';
  const hash = await ifReadable(sha256File(path));
  if (hash === null) return 'unreadable';
  return hash === sha256 ? 'same' : 'changed';
}
