import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createBucketDelivery,
  createBucketStaging,
  createUploadPlace,
  findLeftovers,
  removeLeftovers,
  type StagedFile,
  systemClock,
} from '../src/index.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';
import { type BucketServer, bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';

const { signal } = new AbortController();
const LARGE = 6 * 2 ** 20;

let bucket: BucketServer;
let batch: BatchFixture;
beforeEach(async () => {
  bucket = await bucketServer();
  batch = await batchFixture();
});
afterEach(async () => {
  await batch.close();
  await bucket.close();
});

function fileOf(letter: string, name = `${letter}.mp4`): StagedFile {
  const content = Buffer.alloc(LARGE, letter);
  const path = join(batch.dir, `${letter}.mp4`);
  writeFileSync(path, content);
  const contentId = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { path, contentId, name, contentType: 'video/mp4', bytes: LARGE };
}

const objectOf = ({ contentId }: StagedFile) => `in/${contentId.slice('sha256:'.length)}.mp4`;

it('are called off where their jobs have left the manifest, and no others', async () => {
  const staging = createBucketStaging(bucket.settings, bucketCredentialsOfTest);
  const delivery = createBucketDelivery(bucket.settings, bucketCredentialsOfTest);
  const [removed, kept, foreign, abandoned] = ['a', 'b', 'c', 'd'].map((letter) => fileOf(letter)) as [
    StagedFile,
    StagedFile,
    StagedFile,
    StagedFile,
  ];
  const planOf = (sources: Readonly<Record<string, StagedFile>>) => {
    const jobs = Object.entries(sources).map(([language, { path }], position) => {
      return { ...plannedJob(language, position), video: { kind: 'file' as const, path } };
    });
    return batch.plan([], { jobs });
  };
  // Every upload is cut short before its parts are put together.
  bucket.refuse((call) => /^POST .*\?uploadId$/.test(call), { status: 403, code: 'AccessDenied' });
  await batch.run({ staging }, planOf({ de: removed, fr: kept }));
  for (const file of [foreign, abandoned]) await expect(staging.stage(file, signal)).rejects.toThrow('403');
  for (const [letter, language] of [
    ['e', 'fr'],
    ['f', 'it'],
  ] as const) {
    const output = fileOf(letter, `spring/keynote/keynote.${language}.mp4`);
    await expect(delivery.deliver(output, signal)).rejects.toThrow('403');
  }
  await batch.run({ staging, only: () => false }, planOf({ fr: kept }));
  batch.store.sqlite
    .prepare("INSERT INTO upload_claims (content_id, destination, run_id, renewed_at) VALUES (?, ?, 'killed', 0)")
    .run(abandoned.contentId, staging.destination);
  expect(bucket.begun()).toHaveLength(6);

  const places = [
    createUploadPlace('sources', bucket.settings, bucketCredentialsOfTest),
    createUploadPlace('outputs', bucket.settings, bucketCredentialsOfTest),
  ];
  const planned = planOf({ fr: kept }).jobs;
  const query = { beforeMs: Number.POSITIVE_INFINITY, planned, places, signal };
  const gone = [objectOf(removed), objectOf(abandoned), 'in/spring/keynote/keynote.it.mp4'].sort();
  const { leftovers, unseen } = await findLeftovers(batch.store, 'spring', query);
  expect(leftovers.map(({ kind, path, bytes }) => `${kind} ${path} ${bytes}`).sort()).toEqual(
    gone.map((name) => `upload s3://videos/${name} ${LARGE}`),
  );
  expect(unseen).toEqual([]);
  expect((await findLeftovers(batch.store, 'spring', { ...query, beforeMs: Date.now() - 60_000 })).leftovers).toEqual(
    [],
  );
  expect(bucket.begun()).toHaveLength(6);

  const options = { store: batch.store, batch: 'spring', clock: systemClock(), host: 'test' };
  expect((await removeLeftovers(options, query)).leftovers).toHaveLength(3);
  const left = [objectOf(kept), objectOf(foreign), 'in/spring/keynote/keynote.fr.mp4'];
  expect(bucket.begun().sort()).toEqual(left.sort());
  expect((await findLeftovers(batch.store, 'spring', query)).leftovers).toEqual([]);

  bucket.refuse(() => true, { status: 403, code: 'AccessDenied' });
  expect(await removeLeftovers(options, query)).toEqual({
    leftovers: [],
    unseen: Array(2).fill(expect.stringContaining('answered 403 AccessDenied')),
  });
});

it('are called off before any run has seen that their jobs have left, whatever other batches stage elsewhere', async () => {
  const staging = createBucketStaging(bucket.settings, bucketCredentialsOfTest);
  const [kept, removed, shared] = ['a', 'b', 'c'].map((letter) => fileOf(letter)) as [
    StagedFile,
    StagedFile,
    StagedFile,
  ];
  const planOf = (sources: Readonly<Record<string, StagedFile>>, name = 'spring') => {
    const jobs = Object.entries(sources).map(([language, { path }], position) => {
      return { ...plannedJob(language, position), video: { kind: 'file' as const, path } };
    });
    return batch.plan([], { jobs, batch: name });
  };
  bucket.refuse((call) => /^POST .*\?uploadId$/.test(call), { status: 403, code: 'AccessDenied' });
  await batch.run({ staging }, planOf({ fr: kept, de: removed, it: shared }));
  expect(bucket.begun()).toHaveLength(3);
  const other = async (name: string, destination: string, source: StagedFile) => {
    const others = { destination, stage: () => Promise.reject(new Error('not now')) };
    await batch.run({ staging: others, only: () => false }, planOf({ de: source }, name));
  };
  await other('autumn', 's3 https://s3.example/elsewhere/in/ presigned', removed);
  // The same objects, read in another way.
  await other('winter', staging.destination.replace(/presigned$/, 'https://media.example'), shared);

  const places = [createUploadPlace('sources', bucket.settings, bucketCredentialsOfTest)];
  const planned = planOf({ fr: kept }).jobs;
  const query = { beforeMs: Number.POSITIVE_INFINITY, planned, places, signal };
  const { leftovers } = await findLeftovers(batch.store, 'spring', query);
  expect(leftovers.map(({ path }) => path)).toEqual([`s3://videos/${objectOf(removed)}`]);
  // Who staged where is not known of batches of an older version.
  batch.store.sqlite.exec('UPDATE batches SET staging = NULL');
  expect((await findLeftovers(batch.store, 'spring', query)).leftovers).toEqual([]);
});
