import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestWord } from '@localize/core';

/** A folder with more files is looked through for the same name in other letters only. */
const MOST_COMPARED = 500;
/** Short names, such as those of languages, are too near to one another for a guess. */
const LEAST_LETTERS = 4;

/**
 * The file that was most likely meant by a path where nothing is: each part that is not there is read as the nearest
 * name beside it.
 * @param path absolute
 * @returns `null` where no file is near
 */
export function nearestFile(path: string): string | null {
  if (existsSync(path)) return path;
  const parent = dirname(path);
  const folder = parent === path ? null : nearestFile(parent);
  if (folder === null) return null;
  const name = nearestName(basename(path), folder);
  // A link that leads nowhere is named like that, and is no file.
  return name !== null && existsSync(join(folder, name)) ? join(folder, name) : null;
}

function nearestName(name: string, folder: string): string | null {
  const names = listNames(folder);
  if (names.includes(name)) return name;
  const folded = names.find((each) => each.toLowerCase() === name.toLowerCase());
  if (folded !== undefined || name.length < LEAST_LETTERS || names.length > MOST_COMPARED) return folded ?? null;
  return nearestWord(name, names);
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A file in the place of a folder, or a folder that may not be read: nothing is near.
    return [];
  }
}
