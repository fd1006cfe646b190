import { chmodSync, linkSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentIds } from '../src/content/hash-file.js';
import { fileStamp } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { countingUploads } from '../testing/counting-uploads.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja']);
});
afterEach(() => batch.close());

describe('a file that changes after the plan was made', () => {
  it('buys nothing with a file that changed since the plan was made, and goes on with the next plan', async () => {
    const path = join(batch.dir, 'source.mp4');
    writeFileSync(path, 'the video that was planned');
    const planNow = () => {
      const { jobs, ...plan } = batch.plan(['de']);
      const video = { kind: 'file' as const, path, seen: fileStamp(statSync(path, { bigint: true })) };
      return { ...plan, jobs: jobs.map((job) => ({ ...job, video })) };
    };
    const uploads: string[] = [];
    const provider = countingUploads(batch.scripted.provider, uploads, () => 'https://media.example/x.mp4');
    const options = { providers: new Map([['acme', provider]]) };
    const early = planNow();
    writeFileSync(path, 'another video, and a longer one');
    expect((await batch.run(options, early)).exit).toBe(1);
    expect(batch.snapshot().jobs[0]).toMatchObject({ state: 'held', holdReason: 'source-changed' });
    expect(batch.snapshot().jobs[0]?.reason).toContain('source.mp4 changed after the plan was made');
    expect([uploads.length, batch.scripted.starts.length]).toEqual([0, 0]);
    expect((await batch.run(options, planNow())).exit).toBe(0);
    expect([uploads.length, batch.scripted.starts.length]).toEqual([1, 1]);
  });

  it('buys nothing with a file that changed while its job waited for a place', async () => {
    const paths = ['first.mp4', 'second.mp4'].map((name) => join(batch.dir, name));
    for (const path of paths) writeFileSync(path, `what was planned as ${path}`);
    const { jobs, ...plan } = batch.plan(['de', 'fr']);
    const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 1, concurrent: 1 } };
    const own = jobs.map((job, index) => {
      const path = paths[index]!;
      return { ...job, video: { kind: 'file' as const, path, seen: fileStamp(statSync(path, { bigint: true })) } };
    });
    let waiting = -1;
    const status: Provider['status'] = async (...asked) => {
      // The other job is staged by now, and waits for the one place; which one that is, their staging decides.
      waiting = batch.snapshot().jobs.findIndex(({ attempts }) => attempts.length === 0);
      writeFileSync(paths[waiting]!, 'another video, and a longer one');
      return batch.scripted.provider.status(...asked);
    };
    const providers = new Map([['acme', { ...batch.scripted.provider, status }]]);
    const outcome = await batch.run({ providers }, { ...plan, jobs: own, providers: { acme } });
    expect(outcome.exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.snapshot().jobs[waiting]).toMatchObject({ state: 'held', holdReason: 'source-changed' });
  });

  it('goes on with files that a backup links and protects while they wait, and not with one that was exchanged', async () => {
    const paths = ['first.mp4', 'second.mp4', 'third.mp4'].map((name) => join(batch.dir, name));
    for (const path of paths) writeFileSync(path, `what was planned as ${path}`);
    const { jobs, ...plan } = batch.plan(['de', 'fr', 'ja']);
    const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 1, concurrent: 1 } };
    const own = jobs.map((job, index) => {
      const path = paths[index]!;
      return { ...job, video: { kind: 'file' as const, path, seen: fileStamp(statSync(path, { bigint: true })) } };
    });
    const linkAll = (name: string) => {
      for (const path of paths) linkSync(path, `${path}.${name}`);
    };
    let exchanged = -1;
    const status: Provider['status'] = async (...asked) => {
      if (exchanged === -1) {
        linkAll('waiting');
        exchanged = batch.snapshot().jobs.findLastIndex(({ attempts }) => attempts.length === 0);
        const path = paths[exchanged]!;
        const { atime, mtime } = statSync(path);
        writeFileSync(path, `what was PLANNED as ${path}`);
        utimesSync(path, atime, mtime);
      }
      return batch.scripted.provider.status(...asked);
    };
    const provider = countingUploads({ ...batch.scripted.provider, status }, [], () => 'https://media.example/x.mp4');
    // Their contents are known from now on, as those of a batch are that was once run.
    const contents = new ContentIds(batch.store);
    for (const path of paths) await contents.of(path);
    chmodSync(paths[0]!, 0o444);
    linkAll('planned');
    await batch.run({ providers: new Map([['acme', provider]]) }, { ...plan, jobs: own, providers: { acme } });
    const { jobs: ended } = batch.snapshot();
    expect(ended.map(({ state, holdReason }) => [state, holdReason])).toEqual(
      paths.map((_, index) => (index === exchanged ? ['held', 'source-changed'] : ['succeeded', null])),
    );
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('buys nothing with a file that changed while it was uploaded', async () => {
    const path = join(batch.dir, 'source.mp4');
    writeFileSync(path, 'the video that was planned');
    const plan = batch.plan(['de']);
    const jobs = plan.jobs.map((job) => ({ ...job, video: { kind: 'file' as const, path } }));
    const upload: Provider['upload'] = async () => {
      writeFileSync(path, 'another video, and a longer one');
      return { outcome: 'uploaded', url: 'https://media.example/x.mp4', keptMs: null };
    };
    const provider: Provider = { ...batch.scripted.provider, upload };
    const outcome = await batch.run({ providers: new Map([['acme', provider]]) }, { ...plan, jobs });
    expect(outcome.exit).toBe(1);
    expect(batch.snapshot().jobs[0]).toMatchObject({ state: 'held', holdReason: 'source-changed' });
    expect(batch.scripted.starts).toHaveLength(0);
  });
});
