import { readFileSync, type Stats, statSync } from 'node:fs';
import { LocalizeError } from '@localize/core';
import Database from 'better-sqlite3';

/** What SQLite says where it may not make the files that lie beside a state while somebody has it open. */
const UNWRITABLE_FOLDER = new Set(['SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_READONLY_DIRECTORY']);

/**
 * Opens a state to be read. A reader makes a file beside it too, the index of the write-ahead log: one who may not
 * write there reads an image in memory instead, as long as the state's file alone holds all that was committed.
 * @throws LocalizeError STATE_UNUSABLE when it does not
 */
export function openReadable(path: string): Database.Database {
  const sqlite = new Database(path, { readonly: true, fileMustExist: true, timeout: 10_000 });
  try {
    // The first that looks at the log.
    sqlite.pragma('user_version');
    sqlite.pragma('cache_size = -4000');
    return sqlite;
  } catch (error) {
    sqlite.close();
    const isForWriting = error instanceof Database.SqliteError && UNWRITABLE_FOLDER.has(error.code);
    if (isForWriting) return imageOf(path);
    throw error;
  }
}

function imageOf(path: string): Database.Database {
  const before = statSync(path);
  refuseUnmerged(path);
  const image = readFileSync(path);
  refuseUnmerged(path);
  if (!isSame(before, statSync(path))) throw unmerged(path);
  const copy = openImage(image);
  copy.pragma('query_only = ON');
  return copy;
}

/** Opens what a state's file holds, in memory. */
export function openImage(image: Buffer): Database.Database {
  // To SQLite, and so to a run, that is a database in which nothing has been written yet.
  if (image.length === 0) return new Database(':memory:');
  // "Write-ahead log" in the file's header (bytes 18 and 19): memory has none. See sqlite.org/fileformat.html, §1.3.
  image.fill(1, 18, 20);
  return new Database(image);
}

/** What is in the log and not yet in the file would be missing, and older figures be shown as today's. */
function refuseUnmerged(path: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) throw unmerged(path);
}

function unmerged(path: string): LocalizeError {
  return new LocalizeError(
    'STATE_UNUSABLE',
    `the state database ${path} has changes that lie beside it (${path}-wal), and only who may write in its folder can read them`,
    { hint: 'ask again as a user who may write there: any command of theirs, as localize status, is enough' },
  );
}

function isSame(one: Stats, other: Stats): boolean {
  return one.mtimeMs === other.mtimeMs && one.size === other.size && one.ino === other.ino;
}
