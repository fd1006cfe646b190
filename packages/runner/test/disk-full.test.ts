import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asMachineFault, isForWantOfRoom, openStore, type RunEvent } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { mountSmallDisk, type SmallDisk } from '../testing/small-disk.js';

/**
 * Disks that really run full: small file systems where this machine allows them, else a device that is always full and
 * the database's own limit of its size.
 */

let batch: BatchFixture;
let disk: SmallDisk | null = null;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
});
afterEach(async () => {
  vi.restoreAllMocks();
  batch.store.close();
  disk?.unmount();
  disk = null;
  batch.reopen();
  await batch.close();
});

const PLENTY = { freeBytes: () => 1e12 };

describe('an output disk that runs full in the middle of a download', () => {
  const output = () => join(batch.dir, 'localized', 'spring');

  /** Leaves less room than one video needs. @returns how to make room again */
  function fill(): () => void {
    disk = mountSmallDisk(output(), 1);
    if (disk !== null) {
      writeFileSync(join(output(), 'ballast'), Buffer.alloc(960 * 1024));
      return () => disk?.resize(50);
    }
    const parts = ['de', 'fr'].map((tag) => join(output(), 'keynote', `keynote.${tag}.mp4.part.part`));
    mkdirSync(dirname(parts[0]!), { recursive: true });
    for (const part of parts) symlinkSync('/dev/full', part);
    return () => parts.map((part) => rmSync(part, { force: true }));
  }

  it('ends the run with DISK_FULL, and the next one fetches what was paid for', async () => {
    const makeRoom = fill();
    await expect(batch.run(PLENTY)).rejects.toMatchObject({ code: 'DISK_FULL' });
    const bought = batch.scripted.starts.length;
    expect(bought).toBeGreaterThan(0);
    makeRoom();
    expect((await batch.run(PLENTY)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    for (const { output: path, outputBytes } of batch.snapshot().jobs) expect(statSync(path!).size).toBe(outputBytes);
  });
});

describe('a state disk that runs full in the middle of a run', () => {
  const folder = () => join(batch.dir, 'small');

  it('ends the run with exit 4, and nothing is bought twice once there is room again', async () => {
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const path = join(folder(), 'state.db');
    disk = mountSmallDisk(folder(), 2);
    const languages = Array.from({ length: 60 }, (_, index) => `x-${index}`);
    const plan = batch.plan(languages);
    const limits = { creates: 1_000, perMs: 60_000, concurrent: 3 };
    const wide = { ...plan, providers: { acme: { ...plan.providers.acme!, limits } } };
    let store = openStore(path);
    store.sqlite.pragma('journal_size_limit = 0');
    if (disk === null) store.sqlite.pragma(`max_page_count = ${pages(store) + 40}`);
    else writeFileSync(join(folder(), 'ballast'), Buffer.alloc(freeOn(folder()) - 300 * 1024));
    const failure = await batch.run({ ...PLENTY, store }, wide).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    expect(['DISK_FULL', 'ID_NOT_SAVED']).toContain(failure);
    const before = batch.scripted.starts.length;
    expect(before).toBeLessThan(60);
    store.close();
    disk?.resize(100);
    store = openStore(path);
    for (let again = 0; again < 2; again += 1) await batch.run({ ...PLENTY, store }, wide);
    const rows = store.sqlite
      .prepare(
        `SELECT job_id, count(*) AS bought FROM attempts WHERE state <> 'refused' GROUP BY job_id HAVING bought > 1`,
      )
      .all();
    store.close();
    expect(rows).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(60);
  }, 60_000);
});

describe('a state that is to be made on a disk without any room', () => {
  it('is refused with DISK_FULL, which disk it is and what is needed there', () => {
    const folder = join(batch.dir, 'small');
    disk = mountSmallDisk(folder, 1);
    if (disk !== null) writeFileSync(join(folder, 'ballast'), Buffer.alloc(freeOn(folder)));
    const open = () => openStore(join(folder, 'state', 'state.db'));
    const full =
      disk === null
        ? () => raise(Object.assign(new Error('no space left'), { code: 'ENOSPC', path: join(folder, 'x') }))
        : open;
    const message = new RegExp(
      `^the disk of ${folder}(/state)? is full: \\d+ MB are free there, and 100 MB should be$`,
    );
    expect(() => asFault(full)).toThrow(
      expect.objectContaining({
        code: 'DISK_FULL',
        message: expect.stringMatching(message),
        hint: expect.stringContaining('free some space there'),
      }),
    );
  });

  it('is so by the first write of SQLite that fails there, whatever SQLite calls it', () => {
    const failed = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
    expect(isForWantOfRoom(failed, '/proc')).toBe(true);
    expect([isForWantOfRoom(failed, batch.dir), isForWantOfRoom(failed)]).toEqual([false, false]);
  });
});

/** As the command tells what a function throws. */
function asFault(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    throw asMachineFault(error);
  }
}

function raise(error: Error): never {
  throw error;
}

describe('a state disk that is full to the last byte when replies of creates come', () => {
  const path = () => join(batch.dir, 'small', 'state.db');
  const rescued = () => readdirSync(dirname(path())).filter((name) => /rescue-.*jsonl$/.test(name));

  /** @returns how to make room again */
  function fill(store: ReturnType<typeof openStore>): () => void {
    if (disk !== null) {
      fillUp(join(dirname(path()), 'ballast'));
      return () => disk?.resize(100);
    }
    symlinkSync('/dev/full', `${path()}.rescue.jsonl`);
    vi.spyOn(store, 'transact').mockImplementation(() => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    });
    return () => {
      rmSync(`${path()}.rescue.jsonl`);
      vi.restoreAllMocks();
    };
  }

  it('has room for their ids all the same: the next run takes them up, and buys nothing', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    disk = mountSmallDisk(dirname(path()), 4);
    mkdirSync(dirname(path()), { recursive: true });
    let store = openStore(path());
    let reply = () => {};
    batch.scripted.gate.open = new Promise((resolve) => {
      reply = resolve;
    });
    const running = batch.run({ ...PLENTY, store }).then(
      () => null,
      (error: { code: string; message: string; hint: string }) => error,
    );
    while (batch.scripted.starts.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const makeRoom = fill(store);
    reply();
    const failure = await running;
    expect(failure).toMatchObject({ code: 'ID_NOT_SAVED' });
    // The log may have had room for one of the two.
    const ids = failure?.message.match(/prediction-\d/g) ?? [];
    expect(ids).not.toEqual([]);
    expect(failure?.hint).toContain(join(dirname(path()), rescued()[0]!));
    const kept = readFileSync(join(dirname(path()), rescued()[0]!), 'utf8');
    for (const id of ids) {
      expect(kept).toContain(`"predictionId":"${id}"`);
      expect(said.mock.calls.join('')).toContain(id);
    }
    makeRoom();
    store.close();
    store = openStore(path());
    expect((await batch.run({ ...PLENTY, store })).exit).toBe(0);
    store.close();
    expect(batch.scripted.starts).toHaveLength(2);
    expect(rescued()).toEqual([]);
  }, 30_000);
});

describe('disks without room for what is coming', () => {
  it('get no further create, but what is bought is still fetched before the run ends with DISK_FULL', async () => {
    // Room for one output of five seconds beside what is kept free.
    const freeBytes = () => 107e6;
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const onEvent = (event: RunEvent) => {
      if (event.type === 'problem') batch.scripted.statuses.clear();
    };
    await expect(batch.run({ freeBytes, onEvent })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(batch.scripted.starts).toHaveLength(1);
    expect(
      batch
        .snapshot()
        .jobs.map(({ state }) => state)
        .sort(),
    ).toEqual(['pending', 'succeeded']);
  });

  it('are told apart: the state needs little room where the outputs need much', async () => {
    const freeBytes = (path: string) => (path.endsWith('.localize') ? 150e6 : 1e12);
    const plan = batch.plan(['de', 'fr']);
    const long = { ...plan, jobs: plan.jobs.map((job) => ({ ...job, durationMs: 3_600_000 })) };
    await batch.run({ freeBytes }, long);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

/** Until it takes no further byte. */
function fillUp(ballast: string): void {
  const file = openSync(ballast, 'w');
  try {
    for (const bytes of [64 * 1024, 4096, 1]) {
      const block = Buffer.alloc(bytes);
      for (let taken = bytes; taken === bytes; ) taken = tryWrite(file, block);
    }
  } finally {
    closeSync(file);
  }
}

function tryWrite(file: number, block: Buffer): number {
  try {
    return writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return 0;
    throw error;
  }
}

function freeOn(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function pages(store: ReturnType<typeof openStore>): number {
  return store.sqlite.pragma('page_count', { simple: true }) as number;
}
