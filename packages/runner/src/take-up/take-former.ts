import { sha256File } from '../content/hash-file.js';
import { mayBeRead } from '../content/if-readable.js';
import { lookAt } from '../content/regular-file.js';
import { outputOf, readSidecar, type Sidecar, sidecarPath } from '../content/sidecar.js';
import type { RunContext } from '../run-context.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';

/**
 * Takes up a job's own result of something else than is asked for now. It is a finished job of an edited manifest, like
 * any that the state knows: kept until the user says that it is to be made again.
 * @param path where its output belongs
 */
export async function takeFormer(context: RunContext, job: JobRow, path: string): Promise<void> {
  const { store, journal, plan } = context;
  if (findRow(store, attempts, 'WHERE job_id = ?', job.id) !== undefined) return;
  const sidecar = await readSidecar(sidecarPath(path));
  if (sidecar === null || sidecar.job !== job.key || sidecar.emulated !== plan.emulate) return;
  if (!(await isOf(path, sidecar))) return;
  const { fingerprint } = sidecar;
  journal.moveJob(job, 'restore', { output: outputOf(path, sidecar), fingerprint, attemptId: null, failure: null });
}

async function isOf(path: string, { sha256 }: Sidecar): Promise<boolean> {
  return lookAt(path).kind === 'file' && (await mayBeRead(path)) && (await sha256File(path)) === sha256;
}
