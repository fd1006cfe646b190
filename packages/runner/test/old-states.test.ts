import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ContentIds } from '../src/content/hash-file.js';
import { bootClock, openStore, readSnapshot, type Store } from '../src/index.js';
import { upToDateCopy } from '../src/store/schema/migrate.js';
import { MIGRATIONS } from '../src/store/schema/migrations.js';

const STATES = fileURLToPath(new URL('./fixtures/states/', import.meta.url));
const released = readdirSync(STATES).filter((name) => name.endsWith('.db'));

/** A copy of a released version's state, in a folder of its own. */
function copyOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'localize-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, '.localize'));
  const path = join(folder, '.localize', 'state.db');
  copyFileSync(join(STATES, name), path);
  return path;
}

/** What no version may lose a row of. */
const KEPT = ['meta', 'batches', 'runs', 'jobs', 'lanes', 'lane_keys', 'attempts', 'assets', 'file_hashes', 'marks'];

/** Every row of those, by table. */
function rowsOf(path: string): Record<string, Record<string, unknown>[]> {
  const sqlite = new Database(path, { readonly: true });
  const rows = KEPT.map((table) => [table, sqlite.prepare(`SELECT * FROM ${table}`).all()]);
  sqlite.close();
  return Object.fromEntries(rows);
}

/** Whether there are steps that a state of this version lacks: the last release may be what the code still is. */
function isOlder(version: unknown): boolean {
  return Number(version) < MIGRATIONS.length;
}

/** With the paths that rows had in the folder where the fixture was made, since a state that was moved takes them along. */
function broughtBack(rows: ReturnType<typeof rowsOf>, path: string): ReturnType<typeof rowsOf> {
  const home = dirname(dirname(path));
  return JSON.parse(JSON.stringify(rows).replaceAll(home, '/srv/localize'));
}

function versionOf(path: string): unknown {
  const sqlite = new Database(path, { readonly: true });
  const version = sqlite.pragma('user_version', { simple: true });
  sqlite.close();
  return version;
}

function batchesOf(store: Store): string[] {
  return store.sqlite.prepare('SELECT name FROM batches ORDER BY id').pluck().all() as string[];
}

function snapshots(store: Store) {
  return batchesOf(store).map((batch) =>
    readSnapshot(store, { batch, manifest: `${batch}.yaml`, emulated: false, nowMs: 0 }),
  );
}

it.each(released)('reads a large state of %s from a copy in a file, and leaves none of it', (name) => {
  const path = copyOf(name);
  const before = readFileSync(path);
  const folder = mkdtempSync(join(tmpdir(), 'localize-temporary-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const usual = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  onTestFinished(() => {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
  });
  const read = (mostInMemory: number) => {
    const copy = upToDateCopy(new Database(path, { readonly: true }), path, mostInMemory);
    try {
      const rows = KEPT.map((table) => copy.prepare(`SELECT * FROM ${table}`).all());
      return { rows, isInMemory: copy.memory, version: copy.pragma('user_version', { simple: true }) };
    } finally {
      copy.close();
    }
  };
  const fromFile = read(0);
  expect(fromFile).toEqual({ ...read(Number.POSITIVE_INFINITY), isInMemory: false });
  expect(fromFile.version).toBe(MIGRATIONS.length);
  expect(readdirSync(folder)).toEqual([]);
  expect(readdirSync(dirname(path))).toEqual(['state.db']);
  expect(readFileSync(path).equals(before)).toBe(true);
});

it.each(released)('only looks at the state of %s where it is opened to be read, whatever it lacks', async (name) => {
  const path = copyOf(name);
  const before = readFileSync(path);
  const store = openStore(path, { readonly: true });
  try {
    expect(await new ContentIds(store).of(path)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(bootClock(store).nowMs()).toBeGreaterThan(0);
  } finally {
    store.close();
  }
  expect(readFileSync(path).equals(before)).toBe(true);
});

it('has the states of released versions, the oldest of which lacks steps', () => {
  expect(isOlder(versionOf(join(STATES, released.sort()[0] ?? '')))).toBe(true);
});

describe.each(released)('the state of %s', (name) => {
  it('is backed up and upgraded, and keeps every row', () => {
    const path = copyOf(name);
    const [before, version] = [rowsOf(path), versionOf(path)];
    const store = openStore(path);
    try {
      expect(store.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(store.sqlite.pragma('foreign_key_check')).toEqual([]);
    } finally {
      store.close();
    }
    expect(versionOf(path)).toBe(MIGRATIONS.length);
    // Columns that a newer version adds stand beside the old ones, and so does what it wants to remember.
    const { meta, file_hashes: hashes, ...tables } = broughtBack(rowsOf(path), path);
    const { meta: metaBefore, file_hashes: hashesBefore, ...tablesBefore } = before;
    expect(tables).toMatchObject(tablesBefore);
    // Of files that were read it now tells by other times than before whether they changed.
    const timeless = (rows: Record<string, unknown>[] = []) => rows.map(({ mtime_ms, ...row }) => row);
    expect(timeless(hashes)).toMatchObject(timeless(hashesBefore));
    expect(meta).toEqual(expect.arrayContaining(metaBefore as unknown[]));
    const backup = `${path}.v${version}.backup`;
    const backups = isOlder(version) ? [basename(backup)] : [];
    if (isOlder(version)) {
      expect(rowsOf(backup)).toEqual(before);
      expect(versionOf(backup)).toBe(version);
    }
    // A reader of a log-writing database leaves files of its own.
    const folder = readdirSync(join(path, '..')).filter((file) => !/-(wal|shm)$/.test(file));
    expect(folder.sort()).toEqual(['.gitignore', 'state.db', ...backups]);
    expect(readFileSync(join(path, '..', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('is read as it is, without a change to the file or a file beside it', () => {
    const path = copyOf(name);
    const bytes = readFileSync(path);
    const reader = openStore(path, { readonly: true });
    const read = snapshots(reader);
    expect(() => reader.sqlite.exec('DELETE FROM jobs')).toThrow(/readonly/);
    reader.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(join(path, '..'))).toEqual(['state.db']);

    const store = openStore(path);
    expect(read).toEqual(snapshots(store));
    expect(read.flatMap((batch) => batch?.jobs ?? []).length).toBeGreaterThan(8);
    store.close();
  });

  it('is read with what another process has written and not yet put into the file', () => {
    const path = copyOf(name);
    const version = versionOf(path);
    const writer = new Database(path);
    onTestFinished(() => void writer.close());
    writer.pragma('journal_mode = WAL');
    writer.pragma('wal_autocheckpoint = 0');
    writer.exec(`UPDATE batches SET name = 'renamed' WHERE id = 1`);
    const reader = openStore(path, { readonly: true });
    expect(batchesOf(reader)).toContain('renamed');
    reader.close();
    const store = openStore(path);
    expect(batchesOf(store)).toContain('renamed');
    store.close();
    const backup = readdirSync(join(path, '..')).find((file) => file.endsWith('.backup'));
    expect(backup !== undefined).toBe(isOlder(version));
    if (backup === undefined) return;
    expect(rowsOf(join(path, '..', backup)).batches).toContainEqual(expect.objectContaining({ name: 'renamed' }));
  });

  it.each([true, false])('is left alone when a newer version has written to it (readonly: %s)', (readonly) => {
    const path = copyOf(name);
    const newer = new Database(path);
    newer.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    newer.exec(`UPDATE runs SET version = '9.8.7'`);
    newer.close();
    const bytes = readFileSync(path);
    expect(() => openStore(path, { readonly })).toThrow(
      expect.objectContaining({ code: 'STATE_NEWER', message: expect.stringContaining('localize 9.8.7') }),
    );
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});
