import { dirname, join, relative, sep } from 'node:path';
import type { Plan } from '@localize/core';
import { sidecarPath, videoOfSidecar } from '../content/sidecar.js';
import { batchFolder, outputPath } from '../output/output-paths.js';
import { REPLACED_FOLDER } from '../output/output-place.js';
import { prepared } from '../store/prepared.js';
import type { Store } from '../store/store.js';

type Outputs = Pick<Plan, 'outputDir' | 'batch' | 'emulate' | 'jobs'>;

/**
 * Why nothing is bought for a job without a result: something below the outputs may not be read, and may be what a state that
 * was lost has paid for. What holds outputs that the state knows does not count, nor what holds the places of this plan's
 * jobs, since those are held each by itself.
 * @param closed folders and sidecars that may not be read
 * @returns `null`: there is no such thing
 */
export function whyUnsearched(store: Store | null, plan: Outputs, closed: readonly string[]): string | null {
  const mayBePaid = plan.emulate ? [] : closed.filter((path) => mayHold(plan, path) && !isKnown(store, path));
  if (mayBePaid.length === 0) return null;
  const places = [...plan.jobs].map(({ output }) => outputPath(batchFolder(plan), output));
  const unread = mayBePaid.find((path) => !places.some((place) => isAt(path, place)));
  if (unread === undefined) return null;
  return `${unread} may not be read (permission denied), and what was paid for before may lie there: give the right to read it, or move it out of ${plan.outputDir}`;
}

/** Folders of a system's own at the root of a disk; no batch has a name that begins with a dot. */
const OF_SYSTEM = /^(\..*|lost\+found|\$RECYCLE\.BIN|System Volume Information)$/i;

function mayHold({ outputDir }: Outputs, path: string): boolean {
  const [batch = ''] = relative(outputDir, path).split(sep);
  // What the emulator made stands for nothing that was bought.
  return !OF_SYSTEM.test(batch) && !batch.endsWith('.emulated');
}

/** Whether the state knows what it has put there; earlier versions are of a batch's own jobs. */
function isKnown(store: Store | null, path: string): boolean {
  if (store === null) return false;
  const inside = `${path.endsWith(`${sep}${REPLACED_FOLDER}`) ? dirname(path) : path}${sep}`;
  const row = prepared<[string, string, string], unknown>(
    store,
    `SELECT 1 FROM jobs WHERE output IS NOT NULL
       AND (output ->> 'path' = ? OR substr(output ->> 'path', 1, length(?)) = ?) LIMIT 1`,
  ).get(videoOfSidecar(path) ?? path, inside, inside);
  return row !== undefined;
}

function isAt(closed: string, place: string): boolean {
  return sidecarPath(place) === closed || place.startsWith(join(closed, sep));
}
