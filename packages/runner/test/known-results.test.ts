import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedJobs, readSnapshot, retry } from '../src/index.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const job = () => batch.snapshot().jobs[0]!;

describe('a sidecar that was deleted', () => {
  it('is written again, so that a lost state can still find the result', async () => {
    await batch.run();
    const sidecar = `${job().output}.json`;
    const before = readFileSync(sidecar, 'utf8');
    rmSync(sidecar);
    await batch.run();
    expect(readFileSync(sidecar, 'utf8')).toBe(before);
  });
});

describe('results that are already there', () => {
  it('serves a renamed batch without buying', async () => {
    await batch.run();
    const outcome = await batch.run({}, batch.plan(['de'], { batch: 'autumn' }));
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(existsSync(join(batch.dir, 'localized/autumn/keynote/keynote.de.mp4'))).toBe(true);
    const frame = { manifest: 'm.yaml', emulated: false, nowMs: 0 };
    const [taken] = readSnapshot(batch.store, { ...frame, batch: 'autumn' })?.jobs ?? [];
    expect(taken).toMatchObject({ attempts: [], takenFrom: { job: { batch: 'spring', key: 'keynote/de' } } });
    expect(taken?.estimateMicros).toBe(0);
    expect(taken?.route).toBe(taken?.takenFrom?.route);
    const [made] = readSnapshot(batch.store, { ...frame, batch: 'spring' })?.jobs ?? [];
    expect(made?.takenFrom).toBeUndefined();
  });

  it('are as good where the folder was moved with them, also when the provider has nothing any more', async () => {
    await batch.run();
    const { requests } = batch.scripted.outputStatus;
    batch.scripted.outputStatus.code = 404;
    renameSync(join(batch.dir, 'localized'), join(batch.dir, 'moved'));
    const outputDir = join(batch.dir, 'moved');
    expect((await batch.run({}, batch.plan(['de'], { outputDir }))).exit).toBe(0);
    expect(job()).toMatchObject({ state: 'succeeded', output: join(outputDir, 'spring/keynote/keynote.de.mp4') });
    expect(batch.scripted.outputStatus.requests).toBe(requests);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('serves a lost state from the sidecars without buying', async () => {
    await batch.run();
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    batch.reopenAfterLoss();
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('keep their video after a lost state and an edit, like any finished job, until the user says so', async () => {
    await batch.run();
    const before = job().outputSha256;
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    batch.reopenAfterLoss();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect((await batch.run({}, edited)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(job()).toMatchObject({ state: 'succeeded', outputSha256: before });
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
    await batch.run({ remake: true }, edited);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(existsSync(join(batch.dir, 'localized/spring/replaced'))).toBe(true);
  });

  it('tell after a lost state which field an edit touched, as far as their sidecars do', async () => {
    await batch.run();
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    batch.reopenAfterLoss();
    await batch.run();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect(await changedJobs(batch.store, edited)).toEqual([{ key: 'keynote/de', fields: ['prompt'] }]);
    const sidecar = `${job().output}.json`;
    const { made_of: _, ...older } = JSON.parse(readFileSync(sidecar, 'utf8'));
    writeFileSync(sidecar, JSON.stringify(older));
    expect(await changedJobs(batch.store, edited)).toEqual([{ key: 'keynote/de', fields: ['inputs'] }]);
  });

  it('never lets an emulated result stand for a real one', async () => {
    await batch.run({}, batch.plan(['de'], { emulate: true, batch: 'spring' }));
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    batch.reopenAfterLoss();
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each(['before the state is', 'after it was adopted, and with its sidecar'])(
    'fetches a paid video of a lost state that is deleted %s',
    async (when) => {
      await batch.run();
      const { output } = job();
      const deleted = () => rmSync(output!);
      if (when.startsWith('before')) deleted();
      batch.store.close();
      rmSync(join(batch.dir, '.localize'), { recursive: true });
      batch.reopenAfterLoss();
      await batch.run();
      if (when.startsWith('after')) {
        deleted();
        rmSync(`${output}.json`);
        expect((await batch.run()).exit).toBe(0);
      }
      expect(existsSync(output!)).toBe(true);
      expect(batch.scripted.starts).toHaveLength(1);
      expect(job().attempts).toMatchObject([{ state: 'completed', predictionId: 'prediction-1', lane: 'ACME_KEY' }]);
      expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
    },
  );

  it('holds what a lost state had paid for when it is gone at the provider too, and never buys it by itself', async () => {
    await batch.run();
    rmSync(job().output!);
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    batch.reopenAfterLoss();
    batch.scripted.outputStatus.code = 404;
    const clock = new SkippingClock();
    for (let again = 0; again < 2; again += 1) await batch.run({ clock });
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 150_000 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('says of a lost result which command asks for it and which buys another, and each does that', async () => {
    const clock = new SkippingClock();
    batch.scripted.outputStatus.code = 404;
    await batch.run({ clock });
    await batch.run({ clock });
    expect(job().reason).toContain(
      '; each run and the first `retry` ask the provider for it again, for free, and a second',
    );
    const action = { store: batch.store, batch: 'spring', clock, host: 'test' };
    const again = () => retry(action, { only: () => true, uncertain: false });
    expect(await again()).toMatchObject({ resumed: ['keynote/de'], again: [] });
    await batch.run({ clock });
    expect(job().reason).toMatch(/; `retry` buys another for \$0\.15$/);
    expect(await again()).toMatchObject({ resumed: [], again: ['keynote/de'] });
    batch.scripted.outputStatus.code = 200;
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('does not trust a video that is not what its sidecar says, and fetches it again', async () => {
    await batch.run();
    const { output, outputSha256 } = job();
    const bytes = readFileSync(output!);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 255;
    writeFileSync(output!, bytes);
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    batch.reopenAfterLoss();
    await batch.run();
    expect(job()).toMatchObject({ state: 'succeeded', outputSha256 });
    expect(batch.scripted.starts).toHaveLength(1);
  });
});
