import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLeftovers, openStore, readSnapshot, type Store, verifyOutputs } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
let copy: string;
let stores: Store[] = [];
beforeEach(async () => {
  batch = await batchFixture(['de']);
  copy = join(mkdtempSync(join(tmpdir(), 'localize-copy-')), 'project');
});
afterEach(async () => {
  for (const store of stores) store.close();
  stores = [];
  rmSync(copy, { recursive: true, force: true });
  await batch.close();
});

const OUTPUT = 'localized/spring/keynote/keynote.de.mp4';
const everything = () => true;

/** The project with its state, as `cp -r` would copy it. */
async function copied(): Promise<void> {
  await batch.run();
  batch.store.sqlite.pragma('wal_checkpoint(TRUNCATE)');
  cpSync(batch.dir, copy, { recursive: true });
}

function storeOfCopy(options: { readonly?: boolean } = {}): Store {
  const store = openStore(join(copy, '.localize/state.db'), options);
  stores.push(store);
  return store;
}

function runCopy(store = storeOfCopy()) {
  const plan = batch.plan(['de'], { outputDir: join(copy, 'localized') });
  return batch.run({ store, manifestPath: join(copy, 'manifest.yaml'), sameBatch: true }, plan);
}

describe('a project folder that was copied with its state', () => {
  it('reads its own outputs, before anything has run there', async () => {
    await copied();
    const own = join(copy, OUTPUT);
    writeFileSync(join(batch.dir, OUTPUT), 'edited in the original');
    const store = storeOfCopy({ readonly: true });
    expect(await verifyOutputs(store, 'spring', everything)).toEqual([{ key: 'keynote/de', path: own, found: 'same' }]);
    const about = { batch: 'spring', manifest: 'manifest.yaml', emulated: false, nowMs: Date.now() };
    expect(readSnapshot(store, about)?.jobs[0]?.output).toBe(own);
    writeFileSync(join(batch.dir, 'localized/spring/keynote/left.mp4.part'), '');
    const { jobs: planned } = batch.plan(['de']);
    const query = { beforeMs: Date.now() + 1_000, planned, places: [], signal: new AbortController().signal };
    expect((await findLeftovers(store, 'spring', query)).leftovers).toEqual([]);
  });

  it('is done as the original is, and buys and fetches nothing', async () => {
    await copied();
    const { requests } = batch.scripted.outputStatus;
    expect((await runCopy()).exit).toBe(0);
    expect(batch.scripted.outputStatus.requests).toBe(requests);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('fetches an output again that it lacks, and leaves the original’s alone', async () => {
    await copied();
    const original = join(batch.dir, OUTPUT);
    const before = statSync(original).mtimeMs;
    rmSync(join(copy, 'localized'), { recursive: true });
    const { requests } = batch.scripted.outputStatus;
    expect((await runCopy()).exit).toBe(0);
    expect(batch.scripted.outputStatus.requests).toBe(requests + 1);
    expect(readFileSync(join(copy, OUTPUT)).equals(readFileSync(original))).toBe(true);
    expect(statSync(original).mtimeMs).toBe(before);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('puts what a re-make replaces into its own folder, and leaves the original whole', async () => {
    await copied();
    const plan = batch.plan(['de'], { outputDir: join(copy, 'localized') });
    const choices = plan.jobs[0]!.choices.map((each) => ({ ...each, input: { ...each.input, prompt: 'new words' } }));
    const edited = { ...plan, jobs: [{ ...plan.jobs[0]!, choices }] };
    const manifestPath = join(copy, 'manifest.yaml');
    await batch.run({ store: storeOfCopy(), manifestPath, sameBatch: true, remake: true }, edited);
    expect(existsSync(join(copy, 'localized/spring/replaced'))).toBe(true);
    expect(existsSync(join(batch.dir, OUTPUT))).toBe(true);
    expect(existsSync(join(batch.dir, 'localized/spring/replaced'))).toBe(false);
    expect((await batch.run()).exit).toBe(0);
  });

  it('does so too where the state was copied alone, beside other outputs', async () => {
    await copied();
    renameSync(join(copy, '.localize/state.db'), join(copy, 'own.db'));
    // As an older version left it: it does not say where it was at home.
    const own = openStore(join(copy, 'own.db'));
    stores.push(own);
    const original = join(batch.dir, OUTPUT);
    own.sqlite.prepare(`UPDATE jobs SET output = json_set(output, '$.path', ?)`).run(original);
    own.sqlite.prepare('UPDATE batches SET output_dir = ?').run(join(batch.dir, 'localized/spring'));
    expect((await runCopy(own)).exit).toBe(0);
    expect(await verifyOutputs(own, 'spring', everything)).toMatchObject([{ path: join(copy, OUTPUT), found: 'same' }]);
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('an output folder that the manifest names anew', () => {
  it('leaves finished outputs where they are', async () => {
    await batch.run();
    expect((await batch.run({}, batch.plan(['de'], { outputDir: join(batch.dir, 'elsewhere') }))).exit).toBe(0);
    expect(batch.snapshot().jobs[0]?.output).toBe(join(batch.dir, OUTPUT));
    expect(batch.scripted.outputStatus.requests).toBe(1);
  });
});
