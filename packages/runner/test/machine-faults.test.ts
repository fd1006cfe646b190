import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type PlannedJob, type Provider, secret } from '@localize/core';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  asMachineFault,
  bootClock,
  openStore,
  type RunEvent,
  readSnapshot,
  retry,
  settle,
  verifyOutputs,
} from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await batch.close();
});

const rescueFile = () => `${batch.store.path}.rescue.jsonl`;

/** Every transaction fails, as on a full disk, from the first accepted create on. */
function fillTheDiskAtTheFirstReply(): void {
  const { transact } = batch.store;
  vi.spyOn(batch.store, 'transact').mockImplementation((work, durability) => {
    if (batch.scripted.starts.length > 0) throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
    return transact(work, durability);
  });
}

describe('a state under two names', () => {
  it('is refused: two runs would know nothing of each other', () => {
    const second = join(batch.dir, 'second.db');
    linkSync(batch.store.path, second);
    expect(() => openStore(second)).toThrow(/has 2 names/);
  });
});

describe('a state that is removed while a run is at work', () => {
  it('ends the run before anything is bought that no disk would know of', async () => {
    const removeAtStaging = (event: RunEvent) => {
      if (event.type === 'job:state' && event.to === 'staging') {
        rmSync(join(batch.dir, '.localize'), { recursive: true, force: true });
      }
    };
    const run = batch.run({ onEvent: removeAtStaging });
    await expect(run).rejects.toMatchObject({ code: 'STATE_UNUSABLE', message: expect.stringContaining('removed') });
    expect(batch.scripted.starts).toEqual([]);
  });

  it.each([
    ['its folder', () => rmSync(join(batch.dir, '.localize'), { recursive: true })],
    ['its file alone', () => rmSync(batch.store.path)],
  ])('is put back with all that was bought, where %s was removed', async (_what, remove) => {
    const ended = new AbortController();
    const removeOnceBought = (event: RunEvent) => {
      if (event.type !== 'attempt:state' || event.to !== 'accepted' || ended.signal.aborted) return;
      remove();
      ended.abort();
    };
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const run = batch.run({ onEvent: removeOnceBought, stop: ended.signal });
    await expect(run).rejects.toMatchObject({ code: 'STATE_UNUSABLE', hint: expect.stringContaining('run again') });
    expect(batch.scripted.starts).not.toEqual([]);
    batch.reopen();
    batch.scripted.statuses.clear();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.store.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(readdirSync(join(batch.dir, '.localize')).filter((name) => name.includes('removed'))).toEqual([]);
  });

  it('is kept beside what lies in its place by then', async () => {
    const aside = `${batch.store.path}.removed`;
    const ended = new AbortController();
    const replaceOnceBought = (event: RunEvent) => {
      if (event.type !== 'attempt:state' || event.to !== 'accepted' || ended.signal.aborted) return;
      rmSync(batch.store.path);
      writeFileSync(batch.store.path, '');
      ended.abort();
    };
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const run = batch.run({ onEvent: replaceOnceBought, stop: ended.signal });
    await expect(run).rejects.toMatchObject({ code: 'STATE_UNUSABLE', hint: expect.stringContaining(aside) });
    batch.store.close();
    expect(statSync(batch.store.path).size).toBe(0);
    renameSync(aside, batch.store.path);
    batch.openAgain();
    batch.scripted.statuses.clear();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a state that is moved while a run is at work', () => {
  it.skipIf(!existsSync('/proc/self/fd'))('is named where it lies, and nothing is written in its place', async () => {
    const [place, moved] = [join(batch.dir, '.localize'), join(batch.dir, 'moved')];
    const ended = new AbortController();
    const moveOnceBought = (event: RunEvent) => {
      if (event.type !== 'attempt:state' || event.to !== 'accepted' || ended.signal.aborted) return;
      renameSync(place, moved);
      ended.abort();
    };
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const run = batch.run({ onEvent: moveOnceBought, stop: ended.signal });
    await expect(run).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      hint: expect.stringContaining(`${moved}/state.db`),
    });
    batch.store.close();
    expect(existsSync(place)).toBe(false);
    renameSync(moved, place);
    batch.openAgain();
    batch.scripted.statuses.clear();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a state that cannot take the id of a paid prediction', () => {
  it('keeps the id in the rescue file and on standard error, ends with ID_NOT_SAVED, and goes on from there', async () => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    fillTheDiskAtTheFirstReply();
    await expect(batch.run()).rejects.toMatchObject({ code: 'ID_NOT_SAVED' });
    const bought = batch.scripted.starts.map(({ id }) => id);
    for (const id of bought) {
      expect(said.join('')).toContain(id);
      expect(readFileSync(rescueFile(), 'utf8')).toContain(id);
    }
    vi.restoreAllMocks();
    batch.reopen();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(existsSync(rescueFile())).toBe(false);
  }, 30_000);
});

describe('a rescue file', () => {
  const lostAttempt = async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run();
    const { id } = batch
      .snapshot()
      .jobs.flatMap((job) => job.attempts)
      .find(({ state }) => state === 'uncertain')!;
    return id;
  };
  const line = (attemptId: string, predictionId: string) =>
    `${JSON.stringify({ attemptId, predictionId, reference: { id: predictionId }, costMicros: null, atMs: 1 })}\n`;

  it('is read beside lines that a full disk cut short, which are told and kept', async () => {
    const attemptId = await lostAttempt();
    writeFileSync(
      rescueFile(),
      `{"attemptId":"cut sho\n${line('another-state', 'p')}\n${line(attemptId, 'prediction-1')}`,
    );
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    const told = batch.events.filter((event) => event.type === 'problem').map(({ message }) => message);
    expect(told).toEqual([expect.stringContaining('cut sho'), expect.stringContaining('another-state')]);
    expect(existsSync(rescueFile())).toBe(false);
    expect(readFileSync(`${rescueFile()}.imported`, 'utf8')).toContain('cut sho');
  });

  it('is imported before a settlement by hand, and does not undo one that came first', async () => {
    const attemptId = await lostAttempt();
    const { key } = batch.snapshot().jobs.find(({ state }) => state === 'held')!;
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    writeFileSync(rescueFile(), line(attemptId, 'prediction-1'));
    await expect(settle(action, key, { kind: 'not-bought' })).rejects.toMatchObject({ code: 'SETTLE_NOT_POSSIBLE' });
    expect((await batch.run()).exit).toBe(0);
    writeFileSync(rescueFile(), line(attemptId, 'prediction-1') + line(attemptId, 'prediction-9'));
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a key in what an adapter returns', () => {
  it('reaches neither the state nor a listener', async () => {
    const key = 'sesame-4711-sesame';
    const { provider } = batch.scripted;
    const careless: Provider = {
      ...provider,
      start: async (request, context) => {
        context.onExchange?.({
          method: 'POST',
          url: `https://acme.example/?k=${key}`,
          status: 422,
          ms: 1,
          requestId: null,
          body: key,
        });
        if (request.media.video === '') return provider.start(request, context);
        const kind = batch.scripted.starts.push({ atMs: 0, id: '' }) === 1 ? 'invalid-input' : 'uncertain';
        const outcome = kind === 'uncertain' ? kind : 'refused';
        return { outcome, failure: { kind, message: `no ${key}`, code: Buffer.from(key).toString('base64') } };
      },
    };
    const keys = [{ provider: 'acme', variable: 'ACME_KEY', account: null, key: secret(key) }];
    expect((await batch.run({ keys, providers: new Map([['acme', careless]]) })).exit).toBe(1);
    const tables = ['jobs', 'attempts', 'history', 'lanes'];
    const rows = tables.flatMap((table) => batch.store.sqlite.prepare(`SELECT * FROM ${table}`).all());
    const told = JSON.stringify([rows, batch.events, batch.snapshot()]);
    expect(told).toContain('no [secret]');
    expect(told).not.toContain('sesame');
    expect(told).not.toContain(Buffer.from(key).toString('base64'));
  });
});

describe('the machine', () => {
  it('buys nothing and says OUTPUT_UNWRITABLE when a file stands where the output folder should be', async () => {
    mkdirSync(join(batch.dir, 'localized'), { recursive: true });
    writeFileSync(join(batch.dir, 'localized', 'spring'), 'in the way');
    await expect(batch.run()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(batch.scripted.starts).toHaveLength(0);
    rmSync(join(batch.dir, 'localized', 'spring'));
    expect((await batch.run()).exit).toBe(0);
  });

  it('says how SQLite’s native part is built where a package manager has left that out', () => {
    const nowhere = join(batch.dir, 'better_sqlite3.node');
    writeFileSync(nowhere, 'for another machine');
    const open = () => new Database(':memory:', { nativeBinding: nowhere });
    const unbuilt = Object.assign(new Error('Could not locate the bindings file'), { tries: [nowhere] });
    for (const fault of [thrownBy(open), unbuilt]) {
      expect(asMachineFault(fault)).toMatchObject({
        code: 'STATE_UNUSABLE',
        hint: expect.stringContaining('npm rebuild'),
      });
    }
  });

  it('says that a state is of a newer version, and leaves it as it is', () => {
    batch.store.sqlite.pragma('user_version = 99');
    batch.store.close();
    const before = statSync(batch.store.path).mtimeMs;
    expect(() => openStore(batch.store.path)).toThrow(expect.objectContaining({ code: 'STATE_NEWER' }));
    expect(statSync(batch.store.path).mtimeMs).toBe(before);
    rmSync(batch.store.path);
    batch.openAgain();
  });

  it('opens a state while a stopped process holds its write lock, so that a second run can say who holds the batch', async () => {
    await batch.run();
    const writer = new Database(batch.store.path);
    // As if the wall clock had been set since, which whoever opens the state writes down.
    writer.exec("UPDATE meta SET value = '5000' WHERE key = 'wall ahead'");
    writer.exec('BEGIN IMMEDIATE');
    try {
      const second = openStore(batch.store.path);
      expect(bootClock(second).nowMs()).toBeGreaterThan(0);
      second.close();
    } finally {
      writer.exec('ROLLBACK');
      writer.close();
    }
  });

  it('ends with STATE_UNUSABLE, saying that the state is locked, when another program does not let go of it', async () => {
    const other = new Database(batch.store.path);
    other.exec('BEGIN IMMEDIATE');
    // The command waits ten seconds; the answer is the same.
    batch.store.sqlite.pragma('busy_timeout = 100');
    await expect(batch.run()).rejects.toSatisfy((error) => {
      expect(asMachineFault(error)).toMatchObject({
        code: 'STATE_UNUSABLE',
        message: expect.stringContaining('locked'),
      });
      return true;
    });
    other.exec('ROLLBACK');
    other.close();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('says that a state is no database', () => {
    const path = join(batch.dir, 'broken', 'state.db');
    mkdirSync(dirname(path));
    writeFileSync(path, 'this is no database, and was never one');
    const refusal = { code: 'STATE_UNUSABLE', hint: expect.stringContaining('move it away') };
    expect(() => openStore(path)).toThrow(expect.objectContaining(refusal));
  });

  it('says what mends a damaged state, with which the same command can only fail again', async () => {
    await batch.run();
    batch.store.close();
    const bytes = readFileSync(batch.store.path);
    const damaged = { code: 'STATE_UNUSABLE', hint: expect.stringContaining('move it away') };
    writeFileSync(batch.store.path, bytes.subarray(0, 8192));
    expect(() => openStore(batch.store.path)).toThrow(expect.objectContaining(damaged));
    const later = new Database.SqliteError('database disk image is malformed', 'SQLITE_CORRUPT_INDEX');
    expect(asMachineFault(later)).toMatchObject(damaged);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${batch.store.path}${suffix}`, { force: true });
    batch.openAgain();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('names the limit where a file may not grow', () => {
    const tooLarge = Object.assign(new Error('EFBIG: file too large, write'), { code: 'EFBIG' });
    expect(asMachineFault(tooLarge)).toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      hint: expect.stringContaining('ulimit'),
    });
  });

  it('reads a state without a byte as a run takes it: as a new one', async () => {
    batch.loseState();
    batch.store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${batch.store.path}${suffix}`, { force: true });
    writeFileSync(batch.store.path, '');
    const reader = openStore(batch.store.path, { readonly: true });
    const options = { batch: 'spring', manifest: 'manifest.yaml', emulated: false, nowMs: Date.now() };
    expect(readSnapshot(reader, options)).toBeNull();
    reader.close();
    expect(statSync(batch.store.path).size).toBe(0);
    batch.openAgain();
    expect((await batch.run()).exit).toBe(0);
  });

  it('leaves an output alone that somebody edited, also to the same length, and says so until it is moved away', async () => {
    await batch.run();
    const [longer, same] = batch.snapshot().jobs.map(({ output }) => output!);
    writeFileSync(longer!, 'my own cut');
    const bytes = readFileSync(same!);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 255;
    writeFileSync(same!, bytes);
    expect((await batch.run()).exit).toBe(0);
    expect(readFileSync(longer!, 'utf8')).toBe('my own cut');
    const told = batch.events.filter((event) => event.type === 'problem').map(({ message }) => message);
    expect(told).toEqual([longer, same].map((path) => expect.stringContaining(`left alone: ${path}`)));
    const trouble = {
      reason: expect.stringContaining('left alone'),
      mend: expect.stringContaining('move the file away'),
    };
    expect(batch.snapshot().jobs).toEqual([expect.objectContaining(trouble), expect.objectContaining(trouble)]);

    for (const path of [longer!, same!]) renameSync(path, `${path}.mine`);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.snapshot().jobs.map(({ reason }) => reason)).toEqual([null, null]);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('says nothing of an output that was only touched or copied back', async () => {
    await batch.run();
    for (const { output } of batch.snapshot().jobs) utimesSync(output!, 1, 1);
    await batch.run();
    expect(batch.events.filter((event) => event.type === 'problem')).toEqual([]);
  });
});

describe('something else than a file where an output belongs', () => {
  const place = (language = 'de') => join(batch.dir, `localized/spring/keynote/keynote.${language}.mp4`);
  const stateOf = (key: string) => batch.snapshot().jobs.find((job) => job.key === key)!;

  const IN_THE_WAY: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['a folder', (path) => mkdirSync(path), /keynote\.de\.mp4 is a folder/],
    ['a pipe', (path) => execFileSync('mkfifo', [path]), /keynote\.de\.mp4 is a pipe/],
    ['links in a circle', (path) => symlinkSync(path, path), /keynote\.de\.mp4 is a link that leads in a circle/],
  ];

  it.each(IN_THE_WAY)('%s: nothing is bought for it, and the others are', async (_, put, named) => {
    mkdirSync(dirname(place()), { recursive: true });
    put(place());
    expect((await batch.run()).exit).toBe(1);
    expect(stateOf('keynote/de')).toMatchObject({ holdReason: 'place-taken', reason: expect.stringMatching(named) });
    expect(stateOf('keynote/fr').state).toBe('succeeded');
    expect(batch.scripted.starts).toHaveLength(1);
    rmSync(place(), { recursive: true });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each(IN_THE_WAY)(
    '%s in place of a finished one is told and not read, and the others go on',
    async (_, put, named) => {
      await batch.run({}, batch.plan(['de']));
      rmSync(place());
      put(place());
      expect((await batch.run()).exit).toBe(0);
      const told = batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
      expect(told).toEqual([expect.stringMatching(named)]);
      expect(stateOf('keynote/de')).toMatchObject({
        state: 'succeeded',
        mend: expect.stringContaining('move the file'),
      });
      expect(stateOf('keynote/fr').state).toBe('succeeded');
      expect(await verifyOutputs(batch.store, 'spring', () => true)).toMatchObject([
        { found: 'changed' },
        { found: 'same' },
      ]);
      batch.loseState();
      expect((await batch.run()).exit).toBe(1);
      expect(stateOf('keynote/de').reason).toMatch(named);
      rmSync(place(), { recursive: true });
      expect((await batch.run()).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    },
  );

  const BAD_FOLDERS: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
    ['links in a circle', (folder) => symlinkSync(folder, folder), /keynote is a link that leads in a circle/],
    [
      'a link to nothing',
      (folder) => symlinkSync('/nowhere/at/all', folder),
      /keynote is a link that leads to no folder/,
    ],
    ['a file', (folder) => writeFileSync(folder, 'in the way'), /keynote is a file where a folder belongs/],
  ];

  it.each(BAD_FOLDERS)(
    '%s where its folder belongs, when it is paid for: fetched once that is mended, never bought again',
    async (_, put, named) => {
      const folder = dirname(place());
      const onEvent = (event: RunEvent) => {
        if (event.type === 'attempt:state' && event.to === 'accepted' && !lstatSync(folder, { throwIfNoEntry: false }))
          put(folder);
      };
      const elsewhere = batch.plan(['de', 'fr']);
      const [de, fr] = elsewhere.jobs as [PlannedJob, PlannedJob];
      const plan = { ...elsewhere, jobs: [de, { ...fr, output: 'elsewhere/fr.mp4' }] };
      expect((await batch.run({ onEvent }, plan)).exit).toBe(1);
      expect(stateOf('keynote/de')).toMatchObject({ holdReason: 'download-failed', mend: 'localize manifest.yaml' });
      expect(stateOf('keynote/de').reason).toMatch(named);
      expect(stateOf('keynote/fr').state).toBe('succeeded');
      const again = await retry(batch.action(), { only: () => true, uncertain: false });
      expect(again).toMatchObject({ again: [], resumed: ['keynote/de'] });
      expect((await batch.run({}, plan)).exit).toBe(1);
      rmSync(folder);
      expect((await batch.run({}, plan)).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    },
  );
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}
