import { utimesSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findResults } from '../src/content/result-index.js';
import { outputsBelow, wholeOutputsBelow } from '../src/store/outputs-below.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
let folder: string;
/** Of `de` and `fr`. */
let videos: readonly string[];
let places: readonly string[];
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
  await batch.run();
  // As a run with titles and tags leaves them.
  batch.store.sqlite.exec(`UPDATE jobs SET output = json_set(output, '$.finish', json('{}'))`);
  folder = batch.plan(['de', 'fr']).outputDir;
  videos = batch.snapshot().jobs.map(({ output }) => resolve(output ?? ''));
  places = videos.map((video) => relative(folder, video));
});
afterEach(() => batch.close());

it('are those of the state that lie in the folder, by how their paths go on from it', async () => {
  for (const root of [folder, `${folder}/`]) {
    expect([...outputsBelow(batch.store, root)].sort()).toEqual(places);
    expect([...(await wholeOutputsBelow(batch.store, root))].sort()).toEqual(places);
  }
  const above = dirname(folder);
  const fromAbove = places.map((place) => join(relative(above, folder), place));
  expect([...outputsBelow(batch.store, above)].sort()).toEqual(fromAbove);
  expect(outputsBelow(batch.store, `${folder}-two`).size).toBe(0);
  expect(outputsBelow(batch.store, folder.slice(0, -1)).size).toBe(0);
});

it('are whole as long as they are as they were left', async () => {
  utimesSync(videos[0] ?? '', 1, 1);
  expect([...(await wholeOutputsBelow(batch.store, folder))]).toEqual([places[1]]);
  expect(outputsBelow(batch.store, folder).size).toBe(2);
});

it('are not read again where results are looked for, wherever those are that nobody knows', async () => {
  const found = async (known: ReadonlySet<string>) =>
    (await findResults(folder, known)).results.map(({ path }) => path);
  expect((await found(new Set())).sort()).toEqual(videos);
  expect(await found(new Set(places.slice(0, 1)))).toEqual(videos.slice(1));
  expect(await found(outputsBelow(batch.store, folder))).toEqual([]);
});
