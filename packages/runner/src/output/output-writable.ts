import { accessSync, constants } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalizeError } from '@localize/core';
import { makeFolder, nearestFolder } from './make-folder.js';
import { obstacleAt } from './output-place.js';

/**
 * Makes sure, before anything is bought, that results can be written where they belong.
 * @throws LocalizeError OUTPUT_UNWRITABLE
 */
export async function requireWritable(folder: string): Promise<void> {
  const probe = join(folder, `.writable-${process.pid}`);
  try {
    makeFolder(folder);
    await writeFile(probe, '');
    // Others may look at once.
    await rm(probe, { force: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * The same by a look that writes nothing, before creates leave: a disk may be unplugged and a folder moved away in the middle
 * of a run. One that was only removed is made anew.
 */
export function whyUnwritable(folder: string): LocalizeError | null {
  try {
    accessSync(nearestFolder(folder), constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return unwritable(folder, error);
  }
}

/**
 * What stands in the way of one output where the others can be written.
 * @throws LocalizeError OUTPUT_UNWRITABLE where it is in the way of all
 */
export async function obstacleOfOne(folder: string, path: string): Promise<string | null> {
  const obstacle = obstacleAt(folder, path);
  if (obstacle !== null) await requireWritable(folder);
  return obstacle;
}

function unwritable(folder: string, error: unknown): LocalizeError {
  const why = error instanceof Error ? error.message : String(error);
  return new LocalizeError('OUTPUT_UNWRITABLE', `the output folder ${folder} cannot be written: ${why}`, {
    hint: 'make it writable or set another output.dir, then run again: nothing that was paid for is lost',
    cause: error,
  });
}
