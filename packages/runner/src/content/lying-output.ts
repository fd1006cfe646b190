import type { JobRow } from '../store/store.js';
import { outputOf, readSidecar, sidecarPath } from './sidecar.js';
import { placeOf } from './whole-output.js';

type Made = Pick<JobRow, 'output' | 'fingerprint'>;

/**
 * What lies in the place of a finished job's video, as far as the state or the sidecar there tells of it. Where an older copy
 * of the state was put back, it may be a later re-make: that must not take the place of what it replaced.
 */
export async function lyingAt(path: string, { output, fingerprint }: Made): Promise<Made> {
  const sidecar = await readSidecar(sidecarPath(path));
  if (sidecar === null) return { output, fingerprint };
  const isKnown = output !== null && placeOf(output) !== 'other';
  if (sidecar.fingerprint === fingerprint && isKnown) return { output, fingerprint };
  return { output: outputOf(path, sidecar), fingerprint: sidecar.fingerprint };
}

/** Whether somebody put another file, or something else, in the place of a finished job's video: that is left alone. */
export async function isReplaced(job: Made): Promise<boolean> {
  if (job.output === null) return false;
  const { output } = await lyingAt(job.output.path, job);
  return output !== null && placeOf(output) === 'other';
}
