import { lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalizeError } from '@localize/core';

/** @throws LocalizeError USAGE where a file stands in the place of a folder that `path` is to be in */
export function refuseFileAbove(path: string): void {
  const folder = dirname(path);
  try {
    const facts = statSync(folder, { throwIfNoEntry: false });
    if (facts === undefined && folder !== path) return refuseFileAbove(folder);
    if (facts?.isDirectory()) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return refuseFileAbove(folder);
    throw error;
  }
  throw new LocalizeError('USAGE', `${folder} is a file where a folder must be`, {
    hint: 'name the manifest in another folder',
  });
}

/** Whether something stands there; a link that leads nowhere does. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Writes a file that is not there yet, and the folders above it.
 * @returns `false` where somebody else has written it since we looked: theirs stays
 */
export function writeNew(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
