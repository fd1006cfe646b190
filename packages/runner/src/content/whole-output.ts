import { existsSync, statSync } from 'node:fs';
import { sidecarPath } from '../step/sidecar.js';
import type { FinishedOutput } from '../store/stored-types.js';
import { modifiedMs } from './file-stamp.js';

/**
 * Whether an output is a deliverable, on disk as it was verified, with its sidecar beside it. A synchronous look, since
 * each of a hundred thousand promises would cost more than the look itself.
 */
export function isWholeOutput(output: FinishedOutput): boolean {
  if (output.finish === undefined) return false;
  const facts = statSync(output.path, { throwIfNoEntry: false });
  if (facts === undefined || facts.size !== output.bytes) return false;
  return modifiedMs(facts) === output.modifiedMs && existsSync(sidecarPath(output.path));
}
