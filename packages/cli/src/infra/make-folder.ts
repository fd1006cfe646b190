import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, one by one: Node's own recursive `mkdir` never ends where a file system refuses a
 * new folder with ENOENT, as `/proc` does.
 * @param path absolute
 * @throws as `mkdirSync`
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it since we looked.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
