import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createBucketDelivery, verifyDeliveries } from '../src/index.js';
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
const upload = async () => ({ outcome: 'uploaded' as const, url: 'https://media.example/x.mp4', keptMs: null });
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
    // It is remembered, and looked for: this storage refuses listings of the client.
    const heads = NAMES.map((name) => `HEAD /videos/${name}`);
    expect(bucket.calls.slice(calls).sort()).toEqual(['GET /videos/', ...heads.sort()]);
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
    // What was delivered is looked for, and one file is tried.
    const calls = bucket.calls.slice(asked);
    expect(calls.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
    expect(calls.filter((call) => call.includes('.fr.'))).toHaveLength(2);
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

  it.each([
    ['each object is asked for', false],
    ['one listing tells it', true],
  ])('is made again of what somebody deleted from the bucket, and of nothing else (%s)', async (_how, trusting) => {
    const there = await bucketServer({ trusting });
    onTestFinished(() => there.close());
    const to = createBucketDelivery(there.settings, bucketCredentialsOfTest);
    await run(to);
    const [uploads, calls] = [there.uploads().length, there.calls.length];
    there.remove('in/spring/keynote/keynote.de.mp4');
    there.remove('in/spring/keynote/keynote.fr.mp4.json');
    const look = (only = () => true) =>
      verifyDeliveries(batch.store, 'spring', { delivery: to, only, signal: AbortSignal.timeout(9_000) });
    const vanished = ['de', 'fr'].map((lang) => {
      return { key: `keynote/${lang}`, name: `spring/keynote/keynote.${lang}.mp4` };
    });
    expect(await look()).toEqual(vanished);
    expect(there.calls.length - calls).toBe(trusting ? 1 : 5);
    expect(await look(() => false)).toEqual([]);
    batch.reopen();
    expect((await run(to)).exit).toBe(0);
    expect(there.uploads().slice(uploads).sort()).toEqual([NAMES[0], NAMES[3]]);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(await look()).toEqual([]);
    expect(batch.snapshot().warnings).toEqual([]);
  });

  it('is taken for done where nobody may look into the bucket, and that is said', async () => {
    await run();
    batch.reopen();
    const wrong = { ...bucketCredentialsOfTest, secretAccessKey: secret('wrong-secret-key') };
    expect((await run(delivery({}, wrong))).exit).toBe(0);
    const message = expect.stringContaining('is not known: the credentials may not look');
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'problem', message }));
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
    expect(readFileSync(bucket.pathOf('in/spring/keynote/keynote.de.mp4')).includes('Hallo')).toBe(true);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});
