import { randomBytes } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LocalizeError } from '@localize/core';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { lookAt } from '../../content/regular-file.js';
import { diskFull, isForWantOfRoom } from '../../output/disk-space.js';
import { makeFolder } from '../../output/make-folder.js';
import { migrate, refuseNewer, upToDateCopy } from '../schema/migrate.js';
import * as schema from '../schema/schema.js';
import type { Durability, Store } from '../store.js';
import { DAMAGED, isDamage } from './damage.js';
import { settleIn } from './home.js';
import { openReadable } from './open-readable.js';
import { closeRemoved } from './put-back.js';
import { StatePlace } from './state-place.js';
import { unlessBusy } from './unless-busy.js';

/** How long another process's lock is waited for. */
const LOCKED_MS = 10_000;
const LOOK_MS = 10;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

/**
 * Opens the state database, creating or migrating it. An older one is copied beside itself first; with `readonly` it
 * stays as it is, and an upgraded copy of it is read.
 *
 * WAL with `synchronous=FULL`: a commit is on the disk before the call returns, which is what "the intent is durable
 * before the first byte leaves" rests on.
 * @throws LocalizeError STATE_UNUSABLE, STATE_NEWER, DISK_FULL
 */
export function openStore(path: string, options: { readonly?: boolean } = {}): Store {
  try {
    return openDatabase(path, options.readonly ?? false);
  } catch (error) {
    if (error instanceof LocalizeError) throw error;
    throw unusable(path, error);
  }
}

/**
 * Makes the folder that a state is to lie in.
 * @throws LocalizeError STATE_UNUSABLE, DISK_FULL
 */
export function makeStateFolder(path: string): void {
  try {
    makeFolder(dirname(path));
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * Whether there is a state at all; `status` on a batch that never ran must not create one.
 * @throws LocalizeError STATE_UNUSABLE where no file lies at its path, but for instance a folder
 */
export function storeExists(path: string): boolean {
  const look = lookAt(path);
  if (look.kind !== 'no file') return look.kind !== 'nothing' && existsSync(path);
  throw new LocalizeError('STATE_UNUSABLE', `the state database cannot be used: ${look.words}`, {
    hint: 'name a file with --state',
    cause: new Error(look.words),
  });
}

function openDatabase(path: string, readonly: boolean): Store {
  storeExists(path);
  if (!readonly) {
    makeStateFolder(path);
    keepOutOfGit(dirname(path));
    refuseSecondName(path);
  }
  const sqlite = readonly ? openReadable(path) : new Database(path, { timeout: LOCKED_MS });
  try {
    return readonly
      ? storeOf(upToDateCopy(sqlite, path), path, { readonly: true, salt: '' })
      : openWritable(sqlite, path);
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function openWritable(sqlite: Database.Database, path: string): Store {
  // Before anything that would change it.
  refuseNewer(sqlite, path);
  keepLogAhead(sqlite);
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  // Kilobytes. A busy run touches the rows of hundreds of jobs; four times as much gave it nothing that could be measured.
  sqlite.pragma('cache_size = -4000');
  sqlite.pragma('temp_store = MEMORY');
  migrate(sqlite, path);
  settleIn(sqlite, path);
  return storeOf(sqlite, path, { readonly: false, salt: salt(sqlite) });
}

/** To change the mode takes a lock that SQLite waits for with no timeout: of two that open a new state one would fail. */
function keepLogAhead(sqlite: Database.Database): void {
  for (let waited = 0; waited < LOCKED_MS; waited += LOOK_MS) {
    if (unlessBusy(() => sqlite.pragma('journal_mode = WAL'))) return;
    Atomics.wait(NEVER_WOKEN, 0, 0, LOOK_MS);
  }
  sqlite.pragma('journal_mode = WAL');
}

function storeOf(sqlite: Database.Database, path: string, of: Pick<Store, 'readonly' | 'salt'>): Store {
  const place = new StatePlace(path);
  return {
    path,
    sqlite,
    db: drizzle(sqlite, { schema }),
    ...of,
    transact: transactor(sqlite, place),
    close: () => {
      const aside = sqlite.open ? place.aside() : null;
      if (aside === null) sqlite.close();
      else closeRemoved(sqlite, path, aside);
    },
  };
}

/**
 * A commit with `synchronous=NORMAL` does not wait for the disk, and the next one with `FULL` takes it along: the order
 * of commits holds whatever happens.
 */
function transactor(sqlite: Database.Database, place: StatePlace): Store['transact'] {
  const immediate = sqlite.transaction((work: () => unknown) => work()).immediate;
  let synced = true;
  return <T>(work: () => T, durability: Durability = 'power-cut') => {
    const wanted = durability === 'power-cut';
    if (wanted) place.require();
    place.isWritten = true;
    if (wanted !== synced && !sqlite.inTransaction) {
      sqlite.exec(`PRAGMA synchronous = ${wanted ? 'FULL' : 'NORMAL'}`);
      synced = wanted;
    }
    return immediate(work) as T;
  };
}

/** Locks and the write-ahead log go by the file's name: under two names, two runs would know nothing of each other. */
function refuseSecondName(path: string): void {
  const { nlink = 1 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (nlink <= 1) return;
  throw new LocalizeError('STATE_UNUSABLE', `the state database ${path} has ${nlink} names (hard links)`, {
    hint: 'use it under one name, or make a copy of its own: cp STATE NEW && mv NEW STATE',
  });
}

/** A folder of ours, that is; one that the user named for the state may hold other things. */
function keepOutOfGit(directory: string): void {
  if (basename(directory) !== '.localize') return;
  const ignore = join(directory, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
}

/** Reads before it writes: opening a state must not wait for a writer that may be stopped for hours. */
function salt(sqlite: Database.Database): string {
  const known = sqlite.prepare(`SELECT value FROM meta WHERE key = 'salt'`).get() as { value: string } | undefined;
  if (known !== undefined) return known.value;
  const fresh = randomBytes(16).toString('hex');
  sqlite.prepare(`INSERT INTO meta (key, value) VALUES ('salt', ?) ON CONFLICT DO NOTHING`).run(fresh);
  const row = sqlite.prepare(`SELECT value FROM meta WHERE key = 'salt'`).get() as { value: string };
  return row.value;
}

function unusable(path: string, cause: unknown): LocalizeError {
  if (isForWantOfRoom(cause, dirname(path))) return diskFull(dirname(path), cause);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LocalizeError('STATE_UNUSABLE', `the state database ${path} cannot be used: ${why}`, {
    hint: isDamage(cause)
      ? DAMAGED
      : 'check the folder’s permissions and free space, or name another file with --state',
    cause,
  });
}
