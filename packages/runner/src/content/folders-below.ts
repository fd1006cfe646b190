import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDenied } from './if-readable.js';

/** Folders that are read before other work has its turn: one takes microseconds, and ten times that on another thread. */
const AT_ONCE = 100;

/** One folder, with the names of what it holds besides folders, sorted. */
export interface FolderBelow {
  readonly path: string;
  /** How its path goes on from that of the folder that was asked for; empty for that one. */
  readonly below: string;
  readonly files: readonly string[];
}

/**
 * A folder and all that lie in it, however deep; where links lead, once. Only one at a time is in memory, since a batch may
 * have as many as videos, and of those that are still to come their names alone.
 * @param closed takes those that may not be read
 * @throws the file system's error where there is no such folder, or it may not be read itself
 */
export async function* foldersBelow(root: string, closed: string[]): AsyncGenerator<FolderBelow> {
  const linked = new Set([realpathSync(root)]);
  const levels: Level[] = [];
  let below: string | null = '';
  for (let count = 1; below !== null; count += 1) {
    const path = join(root, below);
    const { files, folders } = sortedOut(below === '' ? read(path) : readBelow(path, closed), path, linked);
    yield { path, below, files };
    levels.push({ below, left: folders.reverse() });
    below = nextBelow(levels);
    if (count % AT_ONCE === 0) await nextTurn();
  }
}

/** A folder that is passed through, with the names of folders in it that are still to come, the next one last. */
interface Level {
  readonly below: string;
  readonly left: string[];
}

function nextBelow(levels: Level[]): string | null {
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const name = level.left.pop();
    if (name !== undefined) return join(level.below, name);
    levels.pop();
  }
  return null;
}

function sortedOut(entries: readonly Dirent[], path: string, linked: Set<string>) {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) (isFolder(entry, path, linked) ? folders : files).push(entry.name);
  return { files, folders };
}

function read(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One that is gone by now holds nothing. */
function readBelow(path: string, closed: string[]): Dirent[] {
  try {
    return read(path);
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (isDenied(fault)) closed.push(path);
    else if (fault.code !== 'ENOENT') throw error;
    return [];
  }
}

function isFolder(entry: Dirent, above: string, linked: Set<string>): boolean {
  return entry.isDirectory() || (entry.isSymbolicLink() && isNewLink(join(above, entry.name), linked));
}

/** Whether a link leads to a folder that none has led to before: some lead back to where they lie, and some nowhere. */
function isNewLink(path: string, linked: Set<string>): boolean {
  const target = linkedFolder(path);
  if (target === null || linked.has(target)) return false;
  linked.add(target);
  return true;
}

function linkedFolder(path: string): string | null {
  try {
    return statSync(path).isDirectory() ? realpathSync(path) : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}
