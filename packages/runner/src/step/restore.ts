import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { and, eq, ne } from 'drizzle-orm';
import { sha256File } from '../content/hash-file.js';
import { outputPath } from '../output-paths.js';
import type { RunContext } from '../run-context.js';
import { jobs } from '../store/schema.js';
import type { JobRow } from '../store/store.js';
import type { FinishedOutput } from '../store/stored-types.js';

/**
 * Looks for a finished result with the same fingerprint in any batch of this state, so that a renamed batch or two
 * equal jobs do not buy one video twice. The copy is checked against the recorded SHA-256.
 * @returns whether the job is done by it.
 */
export async function restoreByFingerprint(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  const twins = context.store.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.fingerprint, fingerprint), eq(jobs.state, 'succeeded'), ne(jobs.id, job.id)))
    .all();
  for (const twin of twins) {
    const output = twin.output && (await copyVerified(twin.output, outputPath(context.folder, job.planned.output)));
    if (!output) continue;
    context.journal.moveJob(job, 'restore', { output, fingerprint, changed: null, attemptId: null, failure: null });
    return true;
  }
  return false;
}

async function copyVerified(from: FinishedOutput, to: string): Promise<FinishedOutput | null> {
  const facts = await stat(from.path).catch(() => null);
  if (facts?.size !== from.bytes) return null;
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from.path, `${to}.part`);
  if ((await sha256File(`${to}.part`)) !== from.sha256) return null;
  await rename(`${to}.part`, to);
  return { ...from, path: to };
}
