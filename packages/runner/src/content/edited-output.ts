import type { Stats } from 'node:fs';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import type { JobRow } from '../store/store.js';
import { modifiedMs } from './file-stamp.js';
import { sha256File } from './hash-file.js';
import { outputOf, readSidecar, sidecarPath } from './sidecar.js';

/**
 * Whether what lies at an output's place is another file than the one that was put there. Bytes are compared only where
 * size or time give a reason to: a batch may have thousands of videos.
 */
export async function isEdited(output: FinishedOutput, facts: Stats): Promise<boolean> {
  if (facts.size !== output.bytes) return true;
  if (output.modifiedMs === undefined || modifiedMs(facts) === output.modifiedMs) return false;
  return (await sha256File(output.path)) !== output.sha256;
}

/**
 * A new deliverable of the same result that the state does not know yet, since a kill came between: its sidecar, written
 * before it, says that it is ours. `null` where it is none.
 */
export async function ownDeliverable(
  { fingerprint }: Pick<JobRow, 'fingerprint'>,
  path: string,
): Promise<FinishedOutput | null> {
  const sidecar = await readSidecar(sidecarPath(path));
  if (sidecar?.fingerprint !== fingerprint || sidecar.finish === undefined) return null;
  return (await sha256File(path)) === sidecar.sha256 ? outputOf(path, sidecar) : null;
}
