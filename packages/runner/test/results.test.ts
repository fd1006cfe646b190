import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costTotals, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bootClock,
  cancel,
  changedJobs,
  changedUnderWay,
  neededFor,
  type RunEvent,
  readSnapshot,
  retry,
} from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const job = () => batch.snapshot().jobs[0]!;
const fingerprint = () => JSON.parse(readFileSync(`${job().output}.json`, 'utf8')).fingerprint as string;
const action = () => ({ store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' });

function withPrompt(plan: WholePlan, prompt: string): WholePlan {
  return {
    ...plan,
    jobs: plan.jobs.map((planned) => ({
      ...planned,
      choices: planned.choices.map((choice) => ({ ...choice, input: { ...choice.input, prompt } })),
    })),
  };
}

describe('an edit of a finished job', () => {
  it('keeps the old result until the user says so, and names the field', async () => {
    await batch.run();
    const outcome = await batch.run({}, withPrompt(batch.plan(['de']), 'new words'));
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
  });

  it('buys the re-make with the yes and keeps the old video under replaced/', async () => {
    await batch.run();
    const before = job().outputSha256;
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    expect(batch.scripted.starts).toHaveLength(2);
    expect(job()).toMatchObject({ state: 'succeeded', outputSha256: before });
    expect(existsSync(join(batch.dir, 'localized/spring/replaced'))).toBe(true);
  });

  it('keeps the old video where it is while the re-make waits for money, and a revert takes it as it is', async () => {
    await batch.run();
    const path = job().output!;
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect(await batch.run({ remake: true, maxMicros: 1 }, edited)).toMatchObject({ why: 'budget', exit: 3 });
    expect(job().state).toBe('pending');
    expect(existsSync(path)).toBe(true);
    expect((await batch.run()).exit).toBe(0);
    expect(job()).toMatchObject({ state: 'succeeded', output: path });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is the old video by the end of the run where the edit is reverted while its re-make is under way', async () => {
    await batch.run();
    const before = fingerprint();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    batch.scripted.statuses.set('prediction-2', { state: 'pending', phase: 'running' });
    const stop = new AbortController();
    const onEvent = (event: RunEvent) => event.type === 'attempt:state' && event.to === 'accepted' && stop.abort();
    expect((await batch.run({ remake: true, stop: stop.signal, onEvent }, edited)).exit).toBe(130);
    batch.scripted.statuses.clear();
    expect((await batch.run()).exit).toBe(0);
    expect(fingerprint()).toBe(before);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(costTotals([job()]).billedMicros).toBe(300_000);
  });

  it('is done again when the edit is reverted whose re-make failed or was canceled, without a purchase', async () => {
    await batch.run();
    const path = job().output!;
    const failure = { kind: 'provider', message: 'out of memory' } as const;
    batch.scripted.statuses.set('prediction-2', { state: 'failed', failure, canceled: false, costMicros: 150_000 });
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect((await batch.run({ remake: true }, edited)).exit).toBe(1);
    expect(job().state).toBe('failed');
    expect((await batch.run()).exit).toBe(0);
    expect(job()).toMatchObject({ state: 'succeeded', output: path });

    await batch.run({ remake: true, maxMicros: 1 }, edited);
    await cancel(action(), { only: () => true, askProvider: async () => null });
    expect((await batch.run()).exit).toBe(0);
    expect(job()).toMatchObject({ state: 'succeeded', output: path });
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('restores the old video, unpaid, when the edit is reverted', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
    expect(job().state).toBe('succeeded');
    expect(existsSync(job().output!)).toBe(true);
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
    expect(job()).toMatchObject({ state: 'succeeded', attempts: [{ state: 'completed' }, { state: 'completed' }] });
    expect(await changedJobs(batch.store, batch.plan(['de']))).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('keeps what is there when a reverted edit’s video is gone at the provider too', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    rmSync(join(batch.dir, 'localized/spring/replaced'), { recursive: true });
    const failure = { kind: 'provider', message: 'HTTP 404' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'vanished', failure });
    batch.scripted.outputStatus.code = 404;
    expect((await batch.run()).exit).toBe(0);
    expect(existsSync(job().output!)).toBe(true);
    const clock = new SkippingClock();
    await batch.run({ remake: true, clock });
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each(['is there', 'was deleted'])(
    'ends the hold of a lost re-make when the edit is reverted, and the old video %s',
    async (where) => {
      const clock = new SkippingClock();
      const edited = withPrompt(batch.plan(['de']), 'new words');
      await batch.run({ clock });
      const { output } = job();
      batch.scripted.outputStatus.code = 404;
      await batch.run({ clock, remake: true }, edited);
      await batch.run({ clock }, edited);
      expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
      if (where === 'was deleted') {
        rmSync(join(batch.dir, 'localized'), { recursive: true });
        batch.scripted.outputStatus.code = 200;
        batch.scripted.statuses.set('prediction-2', {
          state: 'vanished',
          failure: { kind: 'provider', message: '404' },
        });
      }
      expect(await batch.run({ clock })).toMatchObject({ exit: 0 });
      expect(job()).toMatchObject({ state: 'succeeded', output });
      expect(existsSync(output!)).toBe(true);
      expect(batch.scripted.starts).toHaveLength(2);
      expect(costTotals([job()])).toMatchObject({ billedMicros: 300_000, lostMicros: 150_000 });
    },
  );

  it('names the field also after a revert, and fetches the restored video again where it is deleted', async () => {
    await batch.run();
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    await batch.run();
    batch.events.length = 0;
    await batch.run({}, withPrompt(batch.plan(['de']), 'other words'));
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
    rmSync(job().output!);
    rmSync(`${job().output!}.json`);
    expect((await batch.run()).exit).toBe(0);
    expect(existsSync(job().output!)).toBe(true);
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
    const stop = new AbortController();
    await batch.run({
      stop: stop.signal,
      onEvent: (event) => {
        if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
      },
    });
    const edited = withPrompt(batch.plan(['de']), 'new words');
    const told = [{ key: 'keynote/de', fields: ['prompt'] }];
    expect(await changedUnderWay(batch.store, batch.plan(['de']))).toEqual([]);
    expect(await changedUnderWay(batch.store, edited)).toEqual(told);
    expect(await changedJobs(batch.store, edited)).toEqual([]);
    // The next run registers the edit, and takes what was bought before it.
    await batch.run({ stop: AbortSignal.abort() }, edited);
    expect(await changedUnderWay(batch.store, edited)).toEqual(told);
    await batch.run({}, edited);
    expect(job().state).toBe('succeeded');
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
    const stop = new AbortController();
    await batch.run({
      stop: stop.signal,
      onEvent: (event) => {
        if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
      },
    });
    expect(job().state).toBe('processing');
    expect((await batch.run({}, batch.plan(['fr']))).exit).toBe(0);
    const [orphan] = batch.snapshot().jobs.filter(({ orphaned }) => orphaned);
    expect(orphan).toMatchObject({ key: 'keynote/de', state: 'succeeded' });
    expect(existsSync(orphan!.output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

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

describe('a disk that is nearly full', () => {
  it('stops before anything is bought', async () => {
    await expect(batch.run({ freeBytes: () => 50_000_000 })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(batch.scripted.starts).toHaveLength(0);
    expect((await batch.run()).exit).toBe(0);
  });

  it('is enough with what the plan says, and not with one byte less', async () => {
    const needed = neededFor(batch.plan(['de']).jobs);
    await expect(batch.run({ freeBytes: () => needed - 1 })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(batch.scripted.starts).toHaveLength(0);
    expect((await batch.run({ freeBytes: () => needed })).exit).toBe(0);
  });
});

describe('a result that is too short', () => {
  it('is kept as .held.mp4 and never bought again by a run', async () => {
    const plan = batch.plan(['de']);
    const long = { ...plan, jobs: plan.jobs.map((planned) => ({ ...planned, durationMs: 60_000 })) };
    const outcome = await batch.run({}, long);
    expect(outcome.exit).toBe(1);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'too-short' });
    expect(job().reason).toMatch(/: \d+(\.\d)? s long where its track has 1 min$/);
    expect(job().output).toMatch(/keynote\.de\.held\.mp4$/);
    await batch.run({}, long);
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a result whose URL has expired', () => {
  it('is asked for again at the provider, and never paid for again', async () => {
    const { provider } = batch.scripted;
    let asked = 0;
    const status: typeof provider.status = async (route, reference, context) => {
      const answer = await provider.status(route, reference, context);
      asked += 1;
      if (asked > 1 || answer.state !== 'completed') return answer;
      return { ...answer, output: { url: answer.output.url.replace('out.mp4', 'expired.mp4') } };
    };
    expect((await batch.run({ providers: new Map([['acme', { ...provider, status }]]) })).exit).toBe(0);
    expect(asked).toBe(2);
    expect(existsSync(job().output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a result whose host refuses it', () => {
  const MINUTE_MS = 60_000;
  const everything = { only: () => true, uncertain: false };

  /** A clock that skips waits, and tells each look at the host its time. */
  function watched(onLook: (sinceMs: number) => void = () => undefined, from = Date.now()) {
    const clock = new SkippingClock(from);
    const startedAt = clock.nowMs();
    const { provider } = batch.scripted;
    const status: typeof provider.status = (...call) => {
      onLook(clock.nowMs() - startedAt);
      return provider.status(...call);
    };
    return { clock, providers: new Map([['acme', { ...provider, status }]]) };
  }

  it('is lost once the provider has been asked again and again for half a minute, and never bought again', async () => {
    batch.scripted.outputStatus.code = 404;
    const looks: number[] = [];
    const host = watched((atMs) => looks.push(atMs));
    const outcome = await batch.run({ ...host, random: () => 0.5 });
    expect(outcome.exit).toBe(1);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(job().attempts[0]?.state).toBe('lost');
    expect(looks.length).toBeGreaterThanOrEqual(7);
    expect(looks.at(-1)! - looks[0]!).toBeGreaterThanOrEqual(30_000);
    expect(looks.at(-1)! - looks[0]!).toBeLessThan(MINUTE_MS);
    await batch.run(watched(undefined, host.clock.nowMs()));
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is looked for once by each later run, and fetched when it is back', async () => {
    batch.scripted.outputStatus.code = 404;
    const first = watched();
    await batch.run(first);
    const looks: number[] = [];
    const second = watched((atMs) => looks.push(atMs), first.clock.nowMs());
    expect((await batch.run(second)).exit).toBe(1);
    expect(looks).toHaveLength(1);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    batch.scripted.outputStatus.code = 200;
    expect((await batch.run(watched(undefined, second.clock.nowMs()))).exit).toBe(0);
    expect(job()).toMatchObject({ state: 'succeeded' });
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is fetched when the host is back after 20 s; meanwhile it is said what is waited for', async () => {
    batch.scripted.outputStatus.code = 404;
    const reasons = new Set<string | null>();
    const backSoon = watched((atMs) => {
      reasons.add(job().reason);
      if (atMs > 20_000) batch.scripted.outputStatus.code = 200;
    });
    expect((await batch.run({ ...backSoon, random: () => 0.5 })).exit).toBe(0);
    const said = batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
    expect(said).toEqual([
      expect.stringMatching(/answered 404; it is asked for again for at least \d+ s before it counts as lost/),
    ]);
    expect([...reasons]).toContainEqual(expect.stringMatching(/^the result is paid for and is asked for again: .*404/));
    expect(job().reason).toBeNull();
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is not lost while the host serves it now and then, however often that breaks off', async () => {
    let gone = 0;
    const { provider } = batch.scripted;
    const status: typeof provider.status = (...call) => {
      const isGone = batch.scripted.outputStatus.code !== 404;
      gone += isGone ? 1 : 0;
      Object.assign(batch.scripted.outputStatus, { code: isGone ? 404 : 200, truncateOnce: !isGone });
      return provider.status(...call);
    };
    const providers = new Map([['acme', { ...provider, status }]]);
    const clock = new SkippingClock(Date.now());
    while (gone < 13) {
      await batch.run({ clock, providers });
      expect(job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
      clock.after(10 * MINUTE_MS, () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('counts on where an earlier run was stopped, in looks and in time', async () => {
    batch.scripted.outputStatus.code = 404;
    const stop = new AbortController();
    const first = watched((atMs) => {
      if (atMs > 10_000) stop.abort();
    });
    expect((await batch.run({ ...first, random: () => 0.5, stop: stop.signal })).exit).toBe(130);
    expect(job().state).toBe('downloading');
    batch.reopen();
    const looks: number[] = [];
    const clock = new SkippingClock(first.clock.nowMs());
    const startedAt = clock.nowMs();
    const onEvent = () => looks.push(clock.nowMs() - startedAt);
    expect((await batch.run({ clock, random: () => 0.5, onEvent })).exit).toBe(1);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost', output: null });
    expect(Math.max(...looks)).toBeLessThan(25_000);
  });

  it('is asked for once more by `retry` before another is bought', async () => {
    batch.scripted.outputStatus.code = 404;
    await batch.run(watched());
    batch.scripted.outputStatus.code = 200;
    expect(await retry(action(), everything)).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect((await batch.run()).exit).toBe(0);
    expect(costTotals([job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('stays lost, with its money, while a run carries on other jobs', async () => {
    batch.scripted.outputStatus.code = 404;
    await batch.run(watched());
    await batch.run({ only: () => false }, batch.plan(['de', 'fr']));
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(costTotals([job()]).lostMicros).toBe(150_000);
  });

  it('is fetched, not bought, by `retry` where an output was deleted and its host is out of order', async () => {
    await batch.run();
    rmSync(job().output!);
    batch.scripted.outputStatus.code = 500;
    await batch.run(watched());
    expect(job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
    batch.scripted.outputStatus.code = 200;
    expect(await retry(action(), everything)).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect((await batch.run()).exit).toBe(0);
    expect(existsSync(job().output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is bought again by a second `retry`, when it is still gone', async () => {
    batch.scripted.outputStatus.code = 404;
    const { clock, providers } = watched();
    await batch.run({ clock, providers });
    await retry(action(), everything);
    await batch.run({ clock, providers });
    expect(job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    batch.scripted.outputStatus.code = 200;
    expect(await retry(action(), everything)).toMatchObject({ again: ['keynote/de'], resumed: [] });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a prediction that the provider does not know', () => {
  it('is counted on by the next run: three looks over five minutes, whatever ended the first run', async () => {
    const failure = { kind: 'provider', message: 'no such id' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'vanished', failure });
    const stop = new AbortController();
    const { provider } = batch.scripted;
    const times: number[] = [];
    const clock = new SkippingClock(Date.now());
    const status: typeof provider.status = (...call) => {
      times.push(clock.nowMs());
      if (times.length === 2) stop.abort();
      return provider.status(...call);
    };
    const providers = new Map([['acme', { ...provider, status }]]);
    await batch.run({ clock, providers, stop: stop.signal });
    batch.reopen();
    // The laptop was closed for an hour: its first look proves what the earlier ones began.
    const later = new SkippingClock(clock.nowMs() + 3_600_000);
    const lateLooks: number[] = [];
    const lateStatus: typeof provider.status = (...call) => {
      lateLooks.push(later.nowMs());
      return provider.status(...call);
    };
    expect(
      (await batch.run({ clock: later, providers: new Map([['acme', { ...provider, status: lateStatus }]]) })).exit,
    ).toBe(1);
    expect(job()).toMatchObject({ state: 'held', holdReason: 'vanished' });
    expect(times.length + lateLooks.length).toBe(3);
  });
});

describe('results that wait to be fetched', () => {
  it('are fetched in the order in which they came, since they expire in it, also by the next run', async () => {
    const languages = ['de', 'fr', 'ja'];
    const plan = batch.plan(languages);
    batch.scripted.outputStatus.code = 404;
    const stop = new AbortController();
    let missed = 0;
    const onEvent = (event: RunEvent) => {
      if (event.type === 'exchange' && event.status === 404) missed += 1;
      if (missed === languages.length) stop.abort();
    };
    await batch.run({ stop: stop.signal, onEvent }, plan);
    const came = batch.store.sqlite.prepare('UPDATE attempts SET ended_at = ended_at - ? WHERE prediction_id = ?');
    for (const [index, id] of ['prediction-2', 'prediction-3', 'prediction-1'].entries())
      came.run(3_000 - index * 1_000, id);

    batch.scripted.outputStatus.code = 200;
    const { provider } = batch.scripted;
    const asked: string[] = [];
    const status: typeof provider.status = (...call) => {
      asked.push(String(call[1].id));
      return provider.status(...call);
    };
    expect((await batch.run({ providers: new Map([['acme', { ...provider, status }]]) }, plan)).exit).toBe(0);
    expect(asked).toEqual(['prediction-2', 'prediction-3', 'prediction-1']);
  });
});
