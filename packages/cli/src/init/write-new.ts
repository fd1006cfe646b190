import { accessSync, constants, lstatSync, mkdirSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalizeError } from '@localize/core';

/** Whether something stands there; a link that leads nowhere does. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Looks before anything is asked whether a file may be written, and the folders above it made.
 * @throws LocalizeError OUTPUT_UNWRITABLE; USAGE where a file stands in a folder's place
 */
export function refuseUnwritable(path: string, typed: string, folder = dirname(path)): void {
  const facts = factsOf(folder);
  if (facts === undefined && dirname(folder) !== folder) return refuseUnwritable(path, typed, dirname(folder));
  if (facts && !facts.isDirectory()) {
    throw new LocalizeError('USAGE', `${typed} cannot be written: ${folder} is a file where a folder must be`, {
      hint: 'name the manifest in another folder',
    });
  }
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, typed, error, folder);
  }
}

/** `undefined`: nothing is there, or a file stands above it. */
function factsOf(folder: string): Stats | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Writes a file that is not there yet, and the folders above it.
 * @returns `false` where somebody else has written it since we looked: theirs stays
 * @throws LocalizeError OUTPUT_UNWRITABLE
 */
export function writeNew(path: string, text: string, typed: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'open') return false;
    throw unwritable(path, typed, error);
  }
}

function unwritable(path: string, typed: string, cause: unknown, folder = dirname(path)): LocalizeError {
  const { code } = cause as NodeJS.ErrnoException;
  const message = `${typed} cannot be written: nothing can be written in ${folder} (${code})`;
  return new LocalizeError('OUTPUT_UNWRITABLE', message, {
    hint: 'name a file elsewhere, and the folder with the videos: localize init ~/videos.yaml --media .',
    cause,
  });
}
