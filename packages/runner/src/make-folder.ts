import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, one by one: Node's own recursive `mkdir` never ends where a file system refuses a
 * new folder with ENOENT, as `/proc` does, and says ENOENT too where one is read-only.
 * @param path absolute
 * @throws as `mkdirSync`; EPERM where the file system takes no new folder
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody else may have made it since we looked.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    throw Object.assign(new Error(`EPERM: ${parent} takes no new folder`, { cause: error }), { code: 'EPERM' });
  }
}
