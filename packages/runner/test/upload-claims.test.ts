import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ContentIds } from '../src/content/hash-file.js';
import { createBucketStaging, openStore, type RunEvent, type RunOptions } from '../src/index.js';
import { takeBatchLock } from '../src/store/open/batch-lock.js';
import { type BatchFixture, batchFixture, MEDIA } from '../testing/batch-fixture.js';
import { bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';
import { countingUploads } from '../testing/counting-uploads.js';
import { recording } from '../testing/recording-urls.js';

const LANGUAGES = 'de fr ja es it nl pl sv da fi nb cs hu ro bg el tr ko th vi'.split(' ');
const HOUR_MS = 3_600_000;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

describe('two runs of one state at the same time', () => {
  const stored = () => 'https://127.0.0.1:9/stored.mp4';
  const uploads: string[] = [];
  beforeEach(() => {
    uploads.length = 0;
  });
  const providers = () => new Map([['acme', countingUploads(batch.scripted.provider, uploads, stored)]]);
  const elsewhere = () => ({
    ...batch.plan(LANGUAGES, { batch: 'autumn' }),
    outputDir: join(batch.dir, 'elsewhere'),
  });

  /** Both as processes have it: each with a connection of its own. */
  async function runBoth(options: Partial<RunOptions>) {
    const second = openStore(batch.store.path);
    try {
      const other = { ...options, store: second, manifestPath: join(batch.dir, 'autumn.yaml') };
      return await Promise.all([batch.run(options), batch.run(other, elsewhere())]);
    } finally {
      second.close();
    }
  }

  it('upload a content once to a provider’s storage', async () => {
    const outcomes = await runBoth({ providers: providers() });
    expect(outcomes.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(uploads).toHaveLength(1);
    expect(claims()).toEqual([]);
  });

  it('upload a content once to a bucket', async () => {
    const bucket = await bucketServer();
    try {
      const staging = () => createBucketStaging(bucket.settings, bucketCredentialsOfTest);
      const outcomes = await runBoth({ staging: staging() });
      expect(outcomes.map(({ exit }) => exit)).toEqual([0, 0]);
      expect(bucket.uploads()).toHaveLength(1);
    } finally {
      await bucket.close();
    }
  });

  /** Another batch's run that has claimed the video. Beyond its lease it counts as stopped. */
  async function claimOf(run: 'alive' | 'dead', renewedAt = Date.now() + HOUR_MS) {
    const contentId = await new ContentIds(null).of(join(MEDIA, 'welcome.mp4'));
    const { sqlite, path } = batch.store;
    sqlite.exec(`INSERT INTO batches (id, name, manifest_path, output_dir, holder_run_id, created_at)
      VALUES (77, 'autumn', '/autumn.yaml', '/out', 'autumn-run', 1)`);
    sqlite.exec(`INSERT INTO runs (id, batch_id, started_at, host, version) VALUES ('autumn-run', 77, 1, 'h', '0')`);
    sqlite
      .prepare('INSERT INTO upload_claims VALUES (?, ?, ?, ?)')
      .run(contentId, 'acme@api.acme.example', 'autumn-run', renewedAt);
    if (run === 'dead') return;
    const lock = takeBatchLock(path, 'autumn', { pid: 1, host: 'h', since: 'now' });
    onTestFinished(() => lock.release());
  }

  const claims = () => batch.store.sqlite.prepare('SELECT run_id FROM upload_claims').pluck().all();

  it('take over the claim of one that has died at once', async () => {
    await claimOf('dead');
    expect((await batch.run({ providers: providers() }, batch.plan(['de']))).exit).toBe(0);
    expect(uploads).toHaveLength(1);
    expect(claims()).toEqual([]);
  });

  it('take over the claim of one that is stopped, once it has not been renewed for long', async () => {
    await claimOf('alive', Date.now() - HOUR_MS);
    expect((await batch.run({ providers: providers() }, batch.plan(['de']))).exit).toBe(0);
    expect(uploads).toHaveLength(1);
  });

  it('wait for the one that is at it, and do their other work meanwhile', async () => {
    await claimOf('alive');
    const plan = batch.plan(['de', 'fr']);
    const video = { kind: 'url' as const, url: 'https://media.example/other.mp4' };
    const jobs = plan.jobs.map((job) => (job.language === 'fr' ? { ...job, video } : job));
    const onEvent = (event: RunEvent) => {
      if (event.type !== 'job:state' || event.to !== 'succeeded' || event.key !== 'keynote/fr') return;
      expect(uploads).toEqual([]);
      const { sqlite } = batch.store;
      sqlite.exec(`INSERT INTO assets SELECT content_id, destination, 'https://127.0.0.1:9/theirs.mp4', NULL
        FROM upload_claims`);
      sqlite.exec('DELETE FROM upload_claims');
    };
    const urls: string[] = [];
    const provider = recording(countingUploads(batch.scripted.provider, uploads, stored), urls);
    const outcome = await batch.run({ onEvent, providers: new Map([['acme', provider]]) }, { ...plan, jobs });
    expect(outcome.exit).toBe(0);
    expect(uploads).toEqual([]);
    expect(urls).toEqual([video.url, 'https://127.0.0.1:9/theirs.mp4']);
  });
});
