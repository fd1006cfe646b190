import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBucketDelivery } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { type BucketServer, bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';

let bucket: BucketServer;
let batch: BatchFixture;
beforeEach(async () => {
  bucket = await bucketServer();
  batch = await batchFixture(['de', 'fr']);
});
afterEach(async () => {
  await batch.close();
  await bucket.close();
});

const delivery = (changes: Partial<BucketServer['settings']> = {}, credentials = bucketCredentialsOfTest) =>
  createBucketDelivery({ ...bucket.settings, ...changes }, credentials);
/** The scripted provider takes uploads, so that nothing else goes to the bucket. */
const upload = async () => ({ outcome: 'uploaded' as const, url: 'https://media.example/x.mp4', expiresAtMs: null });
const run = (to = delivery(), only?: string) => {
  const providers = new Map([['acme', { ...batch.scripted.provider, upload }]]);
  return batch.run({ delivery: to, providers, ...(only ? { only: (key: string) => key === only } : {}) });
};

const NAMES = ['de', 'fr'].flatMap((lang) => {
  const name = `in/spring/keynote/keynote.${lang}.mp4`;
  return [name, `${name}.json`];
});
const output = (lang: string) => join(batch.dir, `localized/spring/keynote/keynote.${lang}.mp4`);

describe('delivery to a bucket', () => {
  it('brings each output and its sidecar there, under the name that it has on disk, once', async () => {
    expect((await run()).exit).toBe(0);
    expect(bucket.uploads().sort()).toEqual(NAMES);
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const there = readFileSync(bucket.pathOf('in/spring/keynote/keynote.de.mp4'));
    expect(sha256(there)).toBe(sha256(readFileSync(output('de'))));
    expect(batch.events.filter(({ type }) => type === 'delivery:done')).toHaveLength(2);
    const calls = bucket.calls.length;
    batch.reopen();
    expect((await run()).exit).toBe(0);
    // It is remembered: nothing is even asked.
    expect(bucket.calls.length).toBe(calls);
  });

  it('is made up for by the next run when it failed, and nothing is bought again', async () => {
    const wrong = delivery({ bucket: 'missing' });
    const failed = await run(wrong);
    expect(failed.exit).toBe(1);
    expect(batch.snapshot().jobs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(batch.snapshot().warnings.at(-1)).toMatch(/^2 outputs not delivered to .*missing.* NoSuchBucket/);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'delivery:failed' }));
    batch.reopen();
    expect((await run()).exit).toBe(0);
    expect(
      bucket
        .uploads()
        .filter((name) => !name.includes('missing'))
        .sort(),
    ).toEqual(NAMES);
    expect(batch.snapshot().warnings).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is not tried again in a run that was refused, and shows no credentials', async () => {
    await run(delivery(), 'keynote/de');
    batch.reopen();
    const asked = bucket.calls.length;
    const wrong = { ...bucketCredentialsOfTest, secretAccessKey: secret('wrong-secret-key') };
    expect((await run(delivery({}, wrong))).exit).toBe(1);
    // A look and an upload of one file.
    expect(bucket.calls.length - asked).toBe(2);
    expect(JSON.stringify([batch.events, batch.snapshot()])).not.toContain('wrong-secret-key');
  });

  it('goes on where a run that ended early left off, also into another state', async () => {
    await run(delivery(), 'keynote/de');
    expect(bucket.uploads()).toEqual(NAMES.slice(0, 2));
    batch.store.sqlite.prepare('DELETE FROM deliveries').run();
    await run();
    // What is there with the same contents is left there.
    expect(bucket.uploads().sort()).toEqual(NAMES);
  });

  it('replaces an output that was made anew', async () => {
    await run();
    const vtt = join(batch.dir, 'de.vtt');
    writeFileSync(vtt, 'WEBVTT\n\n00:00.000 --> 00:01.000\nHallo\n');
    const plan = batch.plan(['de', 'fr']);
    const subtitles = { kind: 'file' as const, path: vtt };
    const finish = { audio: 'provider' as const, title: 'Keynote', language: 'de', subtitles };
    const jobs = plan.jobs.map((job) => (job.language === 'de' ? { ...job, finish } : job));
    const before = bucket.uploads().length;
    expect((await batch.run({ delivery: delivery() }, { ...plan, jobs })).exit).toBe(0);
    expect(bucket.uploads().slice(before)).toEqual(NAMES.slice(0, 2));
    expect(readFileSync(bucket.pathOf('in/spring/keynote/keynote.de.mp4')).includes('paylHallo')).toBe(true);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});
