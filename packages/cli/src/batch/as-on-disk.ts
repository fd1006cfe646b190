import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * A path as the disk spells it: `é` may be one character there or two, as a zip file or another system has left it, and
 * nobody can see which. What is not there either way stays as it is.
 */
export function createAsOnDisk(): (absolute: string) => string {
  const folders = new Map<string, ReadonlyMap<string, string>>();
  const namesIn = (folder: string) => {
    const known = folders.get(folder) ?? new Map(listNames(folder).map((name) => [name.normalize('NFC'), name]));
    folders.set(folder, known);
    return known;
  };
  return function asOnDisk(path: string): string {
    const folder = dirname(path);
    if (IS_PLAIN.test(path) || folder === path || existsSync(path)) return path;
    const there = asOnDisk(folder);
    const name = basename(path);
    return join(there, namesIn(there).get(name.normalize('NFC')) ?? name);
  };
}

/** Of letters that are spelt in one way only. */
const IS_PLAIN = /^[ -~]*$/;

/** The same pattern in each spelling that a disk may have. */
export function spellings(pattern: string): string[] {
  return IS_PLAIN.test(pattern)
    ? [pattern]
    : [...new Set([pattern, pattern.normalize('NFC'), pattern.normalize('NFD')])];
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there, or not to be read: whoever opens the file says so.
    return [];
  }
}
