import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalizeError } from '@localize/core';
import type Database from 'better-sqlite3';
import { makeFolder } from '../../output/make-folder.js';

/** Where the content of a state is kept whose file is not there any more, until it is put back. */
export function asidePath(path: string): string {
  const nth = (count: number) => `${path}.removed${count === 1 ? '' : `-${count}`}`;
  let count = 1;
  while (existsSync(nth(count))) count += 1;
  return nth(count);
}

/**
 * Closes a state whose file was removed or replaced, which still has all that this process and others have written into
 * it: once it is closed, that is nowhere. It is put back in its place, or stays aside where another file lies there.
 * @throws LocalizeError STATE_UNUSABLE where it can be written nowhere
 */
export function closeRemoved(sqlite: Database.Database, path: string, aside: string): void {
  try {
    makeFolder(dirname(aside));
    sqlite.prepare('VACUUM INTO ?').run(aside);
    sync(aside);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalizeError('STATE_UNUSABLE', `the state database ${path} is gone, and cannot be put back: ${why}`, {
      hint: 'localize adopt brings back what lies on the disk; the providers’ own lists and the log show what else was bought',
      cause,
    });
  } finally {
    sqlite.close();
  }
  if (existsSync(path)) return;
  // They belong to the removed file: beside another one SQLite would take them for its own.
  for (const ending of ['-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  renameSync(aside, path);
  sync(dirname(path));
}

/** Until a file, or the names in a folder, are on the disk; Windows opens no folder. */
function sync(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
