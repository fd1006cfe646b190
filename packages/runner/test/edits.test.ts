import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel, changedJobs, changedUnderWay, type RunEvent } from '../src/index.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const fingerprint = () => JSON.parse(readFileSync(`${batch.job().output}.json`, 'utf8')).fingerprint as string;

describe('an edit of a finished job', () => {
  it('keeps the old result until the user says so, and names the field', async () => {
    await batch.run();
    const outcome = await batch.run({}, withPrompt(batch.plan(['de']), 'new words'));
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
  });

  it('fetches the old result again where it was deleted, and still names the field', async () => {
    await batch.run();
    const words = withPrompt(batch.plan(['de']), 'new words');
    await batch.run({}, words);
    const path = batch.job().output!;
    for (const each of [path, `${path}.json`]) {
      rmSync(each);
      await batch.run({}, words);
      expect(existsSync(path)).toBe(true);
      expect(batch.job()).toMatchObject({ state: 'succeeded', changed: { fields: ['prompt'] } });
    }
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('buys the re-make with the yes and keeps the old video under replaced/', async () => {
    await batch.run();
    const before = batch.job().outputSha256;
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job()).toMatchObject({ state: 'succeeded', outputSha256: before });
    expect(existsSync(join(batch.dir, 'localized/spring/replaced'))).toBe(true);
  });

  it('keeps the old video where it is while the re-make waits for money, and a revert takes it as it is', async () => {
    await batch.run();
    const path = batch.job().output!;
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect(await batch.run({ remake: true, maxMicros: 1 }, edited)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.job()).toMatchObject({ state: 'succeeded', output: path, remaking: { state: 'pending' } });
    expect(existsSync(path)).toBe(true);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.job().remaking).toBeUndefined();
    expect(batch.job()).toMatchObject({ state: 'succeeded', output: path });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is the old video by the end of the run where the edit is reverted while its re-make is under way', async () => {
    await batch.run();
    const before = fingerprint();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    batch.scripted.statuses.set('prediction-2', { state: 'pending', phase: 'running' });
    expect((await batch.run({ remake: true, ...stopOnceAccepted() }, edited)).exit).toBe(130);
    batch.scripted.statuses.clear();
    expect((await batch.run()).exit).toBe(0);
    expect(fingerprint()).toBe(before);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([batch.job()]).billedMicros).toBe(300_000);
  });

  it('is done again when the edit is reverted whose re-make failed or was canceled, without a purchase', async () => {
    await batch.run();
    const path = batch.job().output!;
    const failure = { kind: 'provider', message: 'out of memory' } as const;
    batch.scripted.statuses.set('prediction-2', { state: 'failed', failure, canceled: false, costMicros: 150_000 });
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect((await batch.run({ remake: true }, edited)).exit).toBe(1);
    expect(batch.job().state).toBe('failed');
    expect((await batch.run()).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output: path });

    await batch.run({ remake: true, maxMicros: 1 }, edited);
    await cancel(batch.action(), { only: () => true, askProvider: async () => null });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output: path });
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('restores the old video, unpaid, when the edit is reverted', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job().state).toBe('succeeded');
    expect(existsSync(batch.job().output!)).toBe(true);
  });

  it('fetches the old video again, unpaid, when the edit is reverted and no file of it is left', async () => {
    await batch.run();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    await batch.run({ remake: true }, edited);
    rmSync(join(batch.dir, 'localized/spring/replaced'), { recursive: true });
    expect(await changedJobs(batch.store, batch.plan(['de']))).toMatchObject([{ isPaidFor: true }]);
    const { requests } = batch.scripted.outputStatus;
    await batch.run();
    expect(batch.scripted.outputStatus.requests).toBe(requests + 1);
    expect(batch.job()).toMatchObject({
      state: 'succeeded',
      attempts: [{ state: 'completed' }, { state: 'completed' }],
    });
    expect(await changedJobs(batch.store, batch.plan(['de']))).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is taken as it is where an older copy of the state was put back over its re-make', async () => {
    await batch.run();
    const first = fingerprint();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    const copy = join(batch.dir, 'state.db.copy');
    batch.store.sqlite.prepare('VACUUM INTO ?').run(copy);
    await batch.run({ remake: true }, edited);
    const second = fingerprint();
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    mkdirSync(join(batch.dir, '.localize'));
    renameSync(copy, join(batch.dir, '.localize/state.db'));
    batch.openAgain();
    expect(await changedJobs(batch.store, edited)).toMatchObject([{ fields: ['prompt'], isPaidFor: true }]);
    expect((await batch.run({}, edited)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(await changedJobs(batch.store, edited)).toEqual([]);
    expect(fingerprint()).toBe(second);
    const replaced = join(batch.dir, 'localized/spring/replaced');
    const kept = readdirSync(replaced).filter((name) => name.endsWith('.json'));
    const made = kept.map((name) => JSON.parse(readFileSync(join(replaced, name), 'utf8')).fingerprint);
    expect(made).toContain(first);
  });

  it('keeps what is there when a reverted edit’s video is gone at the provider too', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    rmSync(join(batch.dir, 'localized/spring/replaced'), { recursive: true });
    const failure = { kind: 'provider', message: 'HTTP 404' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'vanished', failure });
    batch.scripted.outputStatus.code = 404;
    expect((await batch.run()).exit).toBe(0);
    expect(existsSync(batch.job().output!)).toBe(true);
    const clock = new SkippingClock();
    await batch.run({ remake: true, clock });
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each(['is there', 'was deleted'])(
    'ends the hold of a lost re-make when the edit is reverted, and the old video %s',
    async (where) => {
      const clock = new SkippingClock();
      const edited = withPrompt(batch.plan(['de']), 'new words');
      await batch.run({ clock });
      const { output } = batch.job();
      batch.scripted.outputStatus.code = 404;
      await batch.run({ clock, remake: true }, edited);
      await batch.run({ clock }, edited);
      expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
      if (where === 'was deleted') {
        rmSync(join(batch.dir, 'localized'), { recursive: true });
        batch.scripted.outputStatus.code = 200;
        batch.scripted.statuses.set('prediction-2', {
          state: 'vanished',
          failure: { kind: 'provider', message: '404' },
        });
      }
      expect(await batch.run({ clock })).toMatchObject({ exit: 0 });
      expect(batch.job()).toMatchObject({ state: 'succeeded', output });
      expect(existsSync(output!)).toBe(true);
      expect(batch.scripted.starts).toHaveLength(2);
      expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 300_000, lostMicros: 150_000 });
    },
  );

  it('takes the attempt that was bought last for the newest, whatever the clock said between two boots', async () => {
    const edited = withPrompt(batch.plan(['de']), 'new words');
    await batch.run({ clock: new SkippingClock(2_000_000_000_000) });
    await batch.run({ clock: new SkippingClock(), remake: true }, edited);
    const { attempts } = batch.job();
    expect(attempts.map(({ predictionId }) => predictionId)).toEqual(['prediction-1', 'prediction-2']);
    expect(attempts[1]!.createdAtMs).toBeLessThan(attempts[0]!.createdAtMs);
  });

  it('names the field also after a revert, and fetches the restored video again where it is deleted', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    await batch.run();
    batch.events.length = 0;
    await batch.run({}, withPrompt(batch.plan(['de']), 'other words'));
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
    rmSync(batch.job().output!);
    rmSync(`${batch.job().output!}.json`);
    expect((await batch.run()).exit).toBe(0);
    expect(existsSync(batch.job().output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is told of every job by a run that is about one, which acts on that one alone', async () => {
    const languages = ['de', 'fr', 'ja'];
    const only = (key: string) => key === 'keynote/de';
    const differing = () => batch.snapshot().jobs.flatMap(({ key, changed }) => (changed ? [key] : []));
    await batch.run({}, batch.plan(languages));
    const edited = withPrompt(batch.plan(languages), 'new words');
    await batch.run({ only }, edited);
    expect(differing()).toEqual(['keynote/de', 'keynote/fr', 'keynote/ja']);
    expect(batch.events.flatMap((event) => (event.type === 'job:changed' ? [event.key] : []))).toEqual(['keynote/de']);
    await batch.run({ only, remake: true }, edited);
    expect(differing()).toEqual(['keynote/fr', 'keynote/ja']);
    expect(batch.scripted.starts).toHaveLength(4);
    // What was paid for before is no difference that costs anything.
    await batch.run({ remake: true }, edited);
    await batch.run({ only: (key) => key === 'keynote/fr' }, batch.plan(languages));
    expect(differing()).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(6);
  });

  it('is whole again where the file in the way of its restored video was moved away', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    await batch.run();
    const { output, outputSha256 } = batch.job();
    rmSync(output!);
    writeFileSync(output!, 'somebody’s own');
    await batch.run();
    expect(batch.job()).toMatchObject({ replaced: true });
    rmSync(output!);
    await batch.run();
    expect(batch.job()).toMatchObject({ state: 'succeeded', outputSha256, reason: null });
    expect(batch.job().replaced).toBeUndefined();
    expect(existsSync(output!)).toBe(true);
  });

  it('keeps a file that was copied over the old video while its re-make is under way, and says so', async () => {
    await batch.run();
    const path = batch.job().output!;
    const old = fingerprint();
    const copyOver = (event: RunEvent) => {
      batch.events.push(event);
      if (event.type === 'attempt:state' && event.to === 'accepted') writeFileSync(path, 'somebody’s own');
    };
    await batch.run({ remake: true, onEvent: copyOver }, withPrompt(batch.plan(['de']), 'new words'));
    expect(batch.events).toContainEqual(
      expect.objectContaining({
        type: 'problem',
        message: expect.stringContaining('was not what a run had put there'),
      }),
    );
    // Under its own name, and no longer under that of the old video, which it is not.
    const replaced = join(batch.dir, 'localized/spring/replaced');
    const videos = readdirSync(replaced).filter((name) => name.endsWith('.mp4'));
    expect(videos.map((name) => readFileSync(join(replaced, name), 'utf8'))).toEqual(['somebody’s own']);
    // The old one is had from its provider, unpaid.
    expect((await batch.run()).exit).toBe(0);
    expect(fingerprint()).toBe(old);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('does not ask for a re-make when only price, order or names changed', async () => {
    await batch.run();
    const plan = batch.plan(['de']);
    const renamed = { ...plan, jobs: plan.jobs.map((planned) => ({ ...planned, labels: { team: 'x' }, position: 5 })) };
    await batch.run({}, renamed);
    expect(batch.events.filter((event) => event.type === 'job:changed')).toEqual([]);
  });
});

describe('an edit of a job that is bought and not finished', () => {
  it('is told with its field, and is a re-make once what is bought is finished', async () => {
    await batch.run(stopOnceAccepted());
    const edited = withPrompt(batch.plan(['de']), 'new words');
    const told = [{ key: 'keynote/de', fields: ['prompt'] }];
    expect(await changedUnderWay(batch.store, batch.plan(['de']))).toEqual([]);
    expect(await changedUnderWay(batch.store, edited)).toEqual(told);
    expect(await changedJobs(batch.store, edited)).toEqual([]);
    // The next run registers the edit, and takes what was bought before it.
    await batch.run({ stop: AbortSignal.abort() }, edited);
    expect(await changedUnderWay(batch.store, edited)).toEqual(told);
    await batch.run({}, edited);
    expect(batch.job().state).toBe('succeeded');
    expect(await changedUnderWay(batch.store, edited)).toEqual([]);
    expect(await changedJobs(batch.store, edited)).toEqual(told);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is told also while nobody knows whether it was bought', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run();
    expect(await changedUnderWay(batch.store, withPrompt(batch.plan(['de']), 'new words'))).toEqual([
      { key: 'keynote/de', fields: ['prompt'] },
    ]);
  });
});

describe('a job that left the manifest', () => {
  it('is shown as orphaned, keeps its video, and is not bought again when it comes back', async () => {
    await batch.run({}, batch.plan(['de', 'fr']));
    await batch.run({}, batch.plan(['fr']));
    const [orphan] = batch.snapshot().jobs.filter(({ orphaned }) => orphaned);
    expect(orphan).toMatchObject({ key: 'keynote/de', state: 'succeeded' });
    expect(existsSync(orphan!.output!)).toBe(true);
    await batch.run({}, batch.plan(['de', 'fr']));
    expect(batch.snapshot().jobs.some(({ orphaned }) => orphaned)).toBe(false);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is followed to its end when it was bought before it left', async () => {
    await batch.run(stopOnceAccepted());
    expect(batch.job().state).toBe('processing');
    expect((await batch.run({}, batch.plan(['fr']))).exit).toBe(0);
    const [orphan] = batch.snapshot().jobs.filter(({ orphaned }) => orphaned);
    expect(orphan).toMatchObject({ key: 'keynote/de', state: 'succeeded' });
    expect(existsSync(orphan!.output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});
