import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { whatIs } from '../content/regular-file.js';

/**
 * Makes a folder and those above it, one by one: Node's own recursive `mkdir` never ends where a file system refuses a
 * new folder with ENOENT, as `/proc` does, and says ENOENT too where one is read-only.
 * @param path absolute
 * @throws as `mkdirSync`; EPERM where the file system takes no new folder; ENOTDIR where a link leads to none
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody else may have made it since we looked, or its link leads to a disk that is not there.
    if (code === 'EEXIST') refuseOther(path);
    else if (code === 'ENOENT') throw fault('EPERM', parent, 'takes no new folder', error);
    else throw error;
  }
}

/**
 * The folder itself, or the nearest one above it in which it can be made.
 * @throws ENOTDIR where something else than a folder is in its way; what the file system says
 */
export function nearestFolder(path: string): string {
  if (isThere(path)) {
    refuseOther(path);
    return path;
  }
  return nearestFolder(dirname(path));
}

/** Also where a link leads nowhere. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // Something above it is no folder.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/** @throws ENOTDIR where something else than a folder lies at a path */
function refuseOther(path: string): void {
  if (!isThere(path)) return;
  if (!existsSync(path)) throw fault('ENOTDIR', path, 'is a link that leads to no folder');
  const facts = statSync(path);
  if (!facts.isDirectory()) throw fault('ENOTDIR', path, `is ${whatIs(facts)} where a folder belongs`);
}

/** As the file system tells its own. */
function fault(code: string, path: string, words: string, cause?: unknown): Error {
  return Object.assign(new Error(`${code}: ${path} ${words}`, { cause }), { code, syscall: 'mkdir', path });
}
