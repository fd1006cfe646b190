import type { EditedOutputs } from '../../output/edited-outputs.js';
import type { Prices } from '../money/accepted-prices.js';

export interface SnapshotOptions {
  readonly batch: string;
  /** The manifest as the user would type it; goes into the commands that mend. */
  readonly manifest: string;
  readonly emulated: boolean;
  readonly nowMs: number;
  /** The batch's own, by which what was billed beyond them is told; without them it is told whatever price it was billed at. */
  readonly prices?: Prices;
  /** How an absolute path is shown; as it is by default. */
  readonly showPath?: (path: string) => string;
  /** Where others lie in the place of finished videos, as a look at the files has found it; by default as the last run did. */
  readonly edited?: EditedOutputs | null;
}

/** How a path is shown where nobody says. */
export function asItIs(path: string): string {
  return path;
}
