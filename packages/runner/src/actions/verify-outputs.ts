import { and, asc, eq } from 'drizzle-orm';
import { ownDeliverable } from '../content/edited-output.js';
import { sha256File } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';
import { lookAt } from '../content/regular-file.js';
import { batches, jobs } from '../store/schema/schema.js';
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
    .select({ key: jobs.key, output: jobs.output, fingerprint: jobs.fingerprint })
    .from(jobs)
    .innerJoin(batches, eq(jobs.batchId, batches.id))
    .where(and(eq(batches.name, batch), eq(jobs.state, 'succeeded')))
    .orderBy(asc(jobs.position))
    .all();
  const verified: VerifiedOutput[] = [];
  for (const { key, output, fingerprint } of finished) {
    if (output === null || !only(key)) continue;
    const { path, bytes, sha256 } = output;
    const found = await compare(path, bytes, sha256);
    const isOwn = found === 'changed' && (await ifReadable(ownDeliverable({ fingerprint }, path)));
    verified.push({ key, path, found: isOwn ? 'same' : found });
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
