import { plainText, type SnapshotFrame } from '@localize/core';

/**
 * `localize manifest.yaml`, and of a part of the batch `localize manifest.yaml --lang de`: a run of just the jobs that the
 * figures beside it are of.
 */
export function batchCommand({ manifest, selection }: Pick<SnapshotFrame, 'manifest' | 'selection'>): string {
  const all = `localize ${plainText(manifest)}`;
  // A command is copied whole.
  return selection === undefined ? all : `${all} ${plainText(selection, Number.POSITIVE_INFINITY)}`;
}
