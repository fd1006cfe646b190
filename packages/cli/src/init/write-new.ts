import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalizeError } from '@localize/core';

/** Whether something stands there; a link that leads nowhere does. */
export function isTaken(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Writes a file that is not there yet, and the folders above it. Somebody else may have written it since we looked: theirs
 * stays.
 * @returns whether it was written
 * @throws LocalizeError USAGE where a file stands in a folder's place
 */
export function writeNew(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code, path: at } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && at === path) return false;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new LocalizeError('USAGE', `${dirname(path)} cannot be a folder: a file stands there or above it`, {
      hint: 'name the manifest in another folder',
      cause: error,
    });
  }
}
