import { renameSync, rmSync } from 'node:fs';
import { LocalizeError } from '@localize/core';
import Database from 'better-sqlite3';
import { hasMoved, settleIn } from '../open/home.js';
import { readerCopy } from '../open/reader-copy.js';
import { MIGRATIONS } from './migrations.js';

/**
 * Brings an open state up to this version. An older one is copied to `<path>.v<version>.backup` first, while nobody can
 * write to it.
 */
export function migrate(sqlite: Database.Database, path: string): void {
  if (versionOf(sqlite) === MIGRATIONS.length) return;
  // Two processes may open a state at once: the second finds the work done when it gets the write lock.
  sqlite
    .transaction(() => {
      const from = versionOf(sqlite);
      if (from > 0 && from < MIGRATIONS.length) backUp(path, from);
      upgrade(sqlite);
    })
    .immediate();
}

/**
 * The same for a reader, who must change nothing: an older state, or one that was moved, is brought up to date in a copy
 * of his own.
 * @param mostInMemory bytes; what is larger lies in a file
 * @returns the state itself when it is up to date, else the copy, and the state is closed
 * @throws LocalizeError STATE_NEWER
 */
export function upToDateCopy(sqlite: Database.Database, path: string, mostInMemory?: number): Database.Database {
  refuseNewer(sqlite, path);
  if (versionOf(sqlite) === MIGRATIONS.length && !hasMoved(sqlite, path)) return sqlite;
  const { sqlite: copy, removeFile } = readerCopy(sqlite, mostInMemory);
  sqlite.close();
  try {
    upgrade(copy);
    settleIn(copy, path);
    copy.pragma('query_only = ON');
    return copy;
  } catch (error) {
    copy.close();
    throw error;
  } finally {
    removeFile();
  }
}

function upgrade(sqlite: Database.Database): void {
  for (const step of MIGRATIONS.slice(versionOf(sqlite))) sqlite.exec(step);
  sqlite.pragma(`user_version = ${MIGRATIONS.length}`);
}

/** A whole copy, or none: another connection reads what was committed, its log included. */
function backUp(path: string, version: number): void {
  const backup = `${path}.v${version}.backup`;
  const unfinished = `${backup}.part`;
  rmSync(unfinished, { force: true });
  const reader = new Database(path, { readonly: true });
  try {
    reader.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    reader.close();
  }
  renameSync(unfinished, backup);
}

function versionOf(sqlite: Database.Database): number {
  return sqlite.pragma('user_version', { simple: true }) as number;
}

/** @throws LocalizeError STATE_NEWER, naming the program that wrote it */
export function refuseNewer(sqlite: Database.Database, path: string): void {
  const version = versionOf(sqlite);
  if (version <= MIGRATIONS.length) return;
  const maker = lastProgram(sqlite);
  const writer = maker === null ? 'a newer localize' : `localize ${maker}`;
  throw new LocalizeError(
    'STATE_NEWER',
    `${path} was written by ${writer}: it has version ${version}, and this program knows versions up to ${MIGRATIONS.length}`,
    { hint: maker === null ? 'use the newer localize that wrote it' : `use localize ${maker} or a newer one` },
  );
}

/** The version that ran last on a state; `null` where this program cannot tell, since it may have another shape. */
function lastProgram(sqlite: Database.Database): string | null {
  try {
    const last = sqlite.prepare('SELECT version FROM runs ORDER BY rowid DESC LIMIT 1').pluck().get();
    return typeof last === 'string' ? last : null;
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  }
}
