import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type RouteInput, reviewState } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bootClock,
  cancel,
  endRedos,
  foreseeRun,
  type GivenMark,
  importMarks,
  readRedos,
  withdrawMarks,
} from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
  await batch.run();
});
afterEach(() => batch.close());

function mark(over: Partial<GivenMark> = {}): GivenMark {
  const sha256 = batch.job().outputSha256!;
  return {
    key: batch.job().key,
    sha256,
    reviewer: 'Ana',
    verdict: 'approve',
    route: null,
    note: '',
    atMs: 1000,
    ...over,
  };
}

const take = (...marks: GivenMark[]) => importMarks(batch.store, 'spring', marks, 5000).map(({ outcome }) => outcome);

/** The same batch with another prompt or seed: a re-make is due. */
function edited(change: Partial<RouteInput> = { prompt: 'new words' }) {
  const plan = batch.plan(['de']);
  const choices = plan.jobs[0]!.choices.map((choice) => ({
    ...choice,
    input: { ...choice.input, ...change },
  }));
  return { ...plan, jobs: [{ ...plan.jobs[0]!, choices }] };
}

describe('marks of reviewers', () => {
  it('are applied to the very bytes that were looked at, and to no others', () => {
    const outcomes = take(mark(), mark({ sha256: 'b'.repeat(64), reviewer: 'Ben' }), mark({ key: 'keynote/xx' }));
    expect(outcomes).toEqual(['applied', 'other-bytes', 'unknown-job']);
    expect(batch.job().marks).toEqual([{ reviewer: 'Ana', verdict: 'approve', route: null, note: '', atMs: 1000 }]);
  });

  it('are of finished videos: one that is held takes none, and those that it has say nothing any more', () => {
    expect(take(mark({ verdict: 'redo' }))).toEqual(['applied']);
    batch.store.sqlite.exec("UPDATE jobs SET state = 'held', hold_reason = 'too-short'");
    expect(take(mark({ verdict: 'redo', reviewer: 'Ben' }))).toEqual(['unfinished']);
    expect(batch.job()).toMatchObject({ state: 'held', earlierMarks: [{ reviewer: 'Ana' }] });
    expect([batch.job().marks, batch.job().redo]).toEqual([undefined, undefined]);
    batch.store.sqlite.exec("UPDATE jobs SET state = 'succeeded', hold_reason = NULL");
    expect(batch.job()).toMatchObject({ marks: [{ reviewer: 'Ana' }], redo: { waits: true } });
  });

  it('are not of a file that somebody put in the place of the video', () => {
    expect(take(mark({ verdict: 'redo' }))).toEqual(['applied']);
    batch.store.sqlite.exec('UPDATE jobs SET edited = 1');
    expect(take(mark({ reviewer: 'Ben' }))).toEqual(['other-bytes']);
    expect(batch.job()).toMatchObject({ replaced: true, earlierMarks: [{ reviewer: 'Ana' }] });
    expect([batch.job().marks, batch.job().redo]).toEqual([undefined, undefined]);
  });

  it('of one reviewer replace each other by their time, whatever the order of the files', () => {
    expect(take(mark({ atMs: 2000, verdict: 'redo' }), mark(), mark({ atMs: 2000, verdict: 'redo' }))).toEqual([
      'applied',
      'kept',
      'known',
    ]);
    expect(batch.job().marks).toMatchObject([{ verdict: 'redo', atMs: 2000 }]);
  });

  it('keep no control character of what a reviewer wrote', () => {
    take(mark({ reviewer: 'A\u001b[31mna', note: 'too\nearly' }));
    expect(batch.job().marks).toMatchObject([{ reviewer: 'A [31mna', note: 'too early' }]);
  });

  it('keep an approved output from a re-make until the user includes it', async () => {
    take(mark(), mark({ reviewer: 'Ben', verdict: 'redo' }));
    await batch.run({ remake: true }, edited());
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', approved: true }));
    await batch.run({ remake: true, includeApproved: true }, edited());
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('do not keep an output from a re-make that nobody approved', async () => {
    take(mark({ verdict: 'redo' }));
    await batch.run({ remake: true }, edited());
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('ask for another seed or a named route, the same however often they are taken in', () => {
    take(mark({ verdict: 'redo', note: 'lips run ahead' }));
    const first = batch.job().redo;
    expect(first).toMatchObject({ route: 'acme/lips', seed: expect.any(Number), waits: true });
    expect(take(mark({ verdict: 'redo', note: 'lips run ahead' }))).toEqual(['known']);
    expect(batch.job().redo).toEqual(first);
    take(mark({ verdict: 'redo', route: 'acme/other', reviewer: 'Ben', atMs: 2000 }));
    expect(batch.job().redo).toEqual({ route: 'acme/other', seed: null, waits: true });
  });

  it('ask for another seed where they name the very route that made it', () => {
    take(mark({ verdict: 'redo', route: 'acme/lips' }));
    expect(batch.job().redo).toEqual({ route: 'acme/lips', seed: expect.any(Number), waits: true });
  });

  it('are still of the old video where its making again is held before anything was bought, and withdrawn they end that', async () => {
    const before = batch.job();
    take(mark({ verdict: 'redo' }));
    const { start } = batch.scripted.provider;
    const failure = { kind: 'auth', message: 'no such key' } as const;
    batch.scripted.provider.start = async () => ({ outcome: 'refused', failure });
    expect((await batch.run({ remake: true }, edited({ seed: 7 }))).exit).toBe(1);
    expect(batch.store.sqlite.prepare('SELECT state, hold_reason FROM jobs').get()).toEqual({
      state: 'held',
      hold_reason: 'lane-closed',
    });
    const { state, output, outputSha256, route, measured } = before;
    expect(batch.job()).toMatchObject({ state, output, outputSha256, route, measured, holdReason: null });
    expect(batch.job()).toMatchObject({
      remaking: { state: 'held', holdReason: 'lane-closed' },
      reason: expect.stringMatching(/^making it again is held: no lane that may take it is open/),
      mend: 'mend the key or top up, then: localize manifest.yaml',
      marks: [{ verdict: 'redo' }],
      redo: { waits: true },
    });
    // It is as it was for its reviewers too.
    expect(take(mark({ verdict: 'approve', atMs: 2000 }))).toEqual(['applied']);
    expect(batch.job()).toMatchObject({ marks: [{ verdict: 'approve' }] });
    expect(withdrawMarks(batch.store, 'spring', () => true, 3000)).toMatchObject([{ reviewer: 'Ana' }]);
    batch.scripted.provider.start = start;
    expect((await batch.run()).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output, outputSha256 });
    expect(batch.job().remaking).toBeUndefined();
    expect(batch.scripted.starts).toHaveLength(1);
  });

  describe('whose redo is held', () => {
    const runAgain = (options = {}) => batch.run(options, edited({ seed: 7 }));

    beforeEach(async () => {
      take(mark({ verdict: 'redo' }));
      const failure = { kind: 'auth', message: 'no such key' } as const;
      const { start } = batch.scripted.provider;
      batch.scripted.provider.start = async () => ({ outcome: 'refused', failure });
      await runAgain({ remake: true });
      batch.scripted.provider.start = start;
    });

    it('are still of a video that was only touched or copied back', () => {
      const { output, outputSha256 } = batch.job();
      utimesSync(output!, 1, 1);
      expect(batch.job()).toMatchObject({
        state: 'succeeded',
        outputSha256,
        remaking: { state: 'held' },
        redo: { waits: true },
      });
      const bytes = readFileSync(output!);
      rmSync(output!);
      writeFileSync(output!, bytes);
      expect(batch.job()).toMatchObject({ state: 'succeeded', outputSha256, remaking: { state: 'held' } });
      expect(take(mark({ verdict: 'approve', atMs: 2000 }))).toEqual(['applied']);
    });

    it('are still of a video that was deleted, which is told with what has it back, for free', async () => {
      const { output, outputSha256 } = batch.job();
      rmSync(output!);
      expect(batch.job()).toMatchObject({
        ...{ state: 'succeeded', missing: true, output: null, outputSha256, remaking: { state: 'held' } },
        reason: expect.stringMatching(/^making it again is held: no lane .*; its video is not on disk$/),
        mend: 'mend the key or top up, then: localize manifest.yaml | localize review --withdraw keynote/de -m manifest.yaml',
      });
      expect(take(mark({ reviewer: 'Ben', verdict: 'redo' }))).toEqual(['applied']);
      expect(withdrawMarks(batch.store, 'spring', () => true, 3000)).toHaveLength(2);
      expect((await batch.run()).exit).toBe(0);
      expect(batch.job()).toMatchObject({ state: 'succeeded', output, outputSha256, reason: null });
      expect(batch.job().missing).toBeUndefined();
      expect(readFileSync(output!).length).toBe(batch.job().outputBytes);
      expect(batch.scripted.starts).toHaveLength(1);
    });

    it.each([
      ['written over', (path: string) => writeFileSync(path, 'my own cut')],
      [
        'moved over',
        (path: string) => {
          writeFileSync(`${path}.mine`, 'my own cut');
          renameSync(`${path}.mine`, path);
        },
      ],
    ])('buy nothing while another file was %s it, which is told and left alone', async (_, replace) => {
      const { output, outputSha256 } = batch.job();
      replace(output!);
      const trouble = {
        ...{ state: 'succeeded', replaced: true, outputSha256 },
        ...{ reason: expect.stringContaining('it is left alone'), mend: expect.stringContaining('move the file away') },
      };
      expect(batch.job()).toMatchObject(trouble);
      expect(batch.job()).toMatchObject({
        remaking: { state: 'held' },
        reason: expect.stringMatching(/; it is to be made again once that file is moved away$/),
      });
      expect(take(mark({ reviewer: 'Ben' }))).toEqual(['other-bytes']);
      const { taken } = await foreseeRun(batch.store, batch.plan(['de']), { caps: [], wanted: () => true, nowMs: 0 });
      expect([...taken]).toEqual([['keynote/de', `${output} is not the video that is to be made again`]]);
      for (const options of [{}, { remake: true }]) await runAgain(options);
      expect(readFileSync(output!, 'utf8')).toBe('my own cut');
      expect(batch.job()).toMatchObject(trouble);
      expect(batch.scripted.starts).toHaveLength(1);
      renameSync(output!, `${output}.mine`);
      expect((await runAgain()).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    });
  });

  it('withdrawn, give a job its old video back where another was bought for it and came to nothing', async () => {
    const { output, outputSha256, attempts } = batch.job();
    take(mark({ verdict: 'redo' }));
    const seed = batch.job().redo!.seed!;
    const redone = edited({ seed });
    const end = (only = 'keynote/de') => {
      const options = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
      return endRedos(options, (key) => key === only);
    };
    expect(await end()).toEqual({ withdrawn: [], kept: [] });
    const failure = { kind: 'provider', message: 'boom.' } as const;
    batch.scripted.statuses.set('prediction-2', { state: 'failed', failure, canceled: false, costMicros: 150_000 });
    await batch.run({ remake: true }, redone);
    const mend =
      'localize retry manifest.yaml --only keynote/de | localize review --withdraw keynote/de -m manifest.yaml';
    const earlierVideo = { output, sha256: outputSha256, durationMs: expect.any(Number), review: 'redo' };
    expect(batch.job()).toMatchObject({ state: 'failed', output: null, mend, earlierVideo });
    expect(await end('keynote/fr')).toEqual({ withdrawn: [], kept: [] });
    // A mark of it is of no other video: taken in before, it changes nothing, and a new one has no say over the redo.
    expect(take(mark({ sha256: outputSha256!, verdict: 'redo' }), mark({ sha256: outputSha256! }))).toEqual([
      'known',
      'earlier',
    ]);
    const file = readFileSync(output!);
    writeFileSync(output!, 'another video');
    expect([batch.job().earlierVideo, batch.job().earlierOffDisk]).toEqual([undefined, 'replaced']);
    // Both commands would refuse before it is moved away.
    expect(batch.job().reason).toContain(
      'boom; another file lies in the place of its earlier video, and is left alone',
    );
    const moved = mend.split(' | ').map((each) => `move the file away, then: ${each}`);
    expect(batch.job().mend).toBe(moved.join(' | '));
    expect(await end()).toMatchObject({ withdrawn: [], kept: [{ key: 'keynote/de' }] });
    rmSync(output!);
    expect(batch.job()).toMatchObject({
      ...{ earlierOffDisk: 'missing', mend },
      reason: expect.stringMatching(/boom; its earlier video is not on disk$/),
    });
    expect(await end()).toEqual({ kept: [], withdrawn: [{ key: 'keynote/de', reviewer: 'Ana', verdict: 'redo' }] });
    // Deleted, it is fetched again like any finished one.
    expect((await batch.run()).exit).toBe(0);
    expect(readFileSync(output!)).toEqual(file);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output, outputSha256, reason: null });
    expect([batch.job().redo, batch.job().marks, readRedos(batch.store.path, 'spring').size]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    // What it cost stays counted, and nothing is bought for it any more.
    expect(batch.job().attempts.map(({ state }) => state)).toEqual([...attempts.map(({ state }) => state), 'failed']);
    expect((await batch.run({ remake: true })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job()).toMatchObject({ state: 'succeeded', outputSha256 });
    expect(take(mark())).toEqual(['applied']);
    // The seed that was bought once would likely buy the same once more.
    expect(take(mark({ verdict: 'redo', atMs: 3000 }))).toEqual(['applied']);
    expect(batch.job().redo).toMatchObject({ waits: true, seed: (seed % 1000) + 1 });
  });

  it('withdrawn, give a job its old video back whose redo was canceled, and that is shown until then', async () => {
    const { output, outputSha256 } = batch.job();
    take(mark({ verdict: 'redo' }), mark({ verdict: 'redo', reviewer: 'Ben' }));
    await batch.run({ remake: true, maxMicros: 1 }, edited({ seed: batch.job().redo!.seed! }));
    const options = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    await cancel(options, { only: () => true, askProvider: async () => null });
    expect(batch.job()).toMatchObject({
      ...{ state: 'canceled', output: null, reason: 'making it again was canceled' },
      earlierVideo: { output, sha256: outputSha256, review: 'redo' },
      mend: 'localize retry manifest.yaml --only keynote/de | localize review --withdraw keynote/de -m manifest.yaml',
    });
    expect((await endRedos(options, () => true)).withdrawn).toHaveLength(2);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output, outputSha256, reason: null });
    expect(batch.job().earlierVideo).toBeUndefined();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('ask for no redo where they name different routes', () => {
    const redo = { verdict: 'redo', atMs: 2000 } as const;
    take(mark({ ...redo, route: 'acme/other' }), mark({ ...redo, route: 'acme/lips', reviewer: 'Ben' }));
    expect(reviewState(batch.job())).toBe('disputed');
    expect(batch.job().redo).toBeUndefined();
    take(mark({ ...redo, route: 'acme/other', reviewer: 'Ben', atMs: 3000 }));
    expect(batch.job().redo).toMatchObject({ route: 'acme/other', waits: true });
  });

  it('are refused when they are dated more than a day ahead, so that later ones count', () => {
    const aDay = 24 * 3_600_000;
    expect(take(mark({ verdict: 'redo', atMs: 5001 + aDay }), mark())).toEqual(['future', 'applied']);
    expect(take(mark({ verdict: 'redo', atMs: 5000 + aDay }))).toEqual(['applied']);
  });

  it('of one moment that differ are taken in as they come', () => {
    expect(take(mark(), mark({ note: 'well done' }), mark({ note: 'well done' }))).toEqual([
      'applied',
      'applied',
      'known',
    ]);
  });

  it('can be withdrawn, with the redo that came of them', () => {
    take(mark({ verdict: 'redo' }), mark({ verdict: 'redo', reviewer: 'Ben' }));
    const withdraw = (key: string) => withdrawMarks(batch.store, 'spring', (each) => each === key, 5000);
    expect(withdraw('keynote/fr')).toEqual([]);
    expect(batch.job().redo?.waits).toBe(true);
    expect(withdraw('keynote/de')).toMatchObject([{ reviewer: 'Ana' }, { reviewer: 'Ben', verdict: 'redo' }]);
    expect(batch.job().marks).toBeUndefined();
    expect(batch.job().redo).toBeUndefined();
  });

  it('ask for no redo where the reviewers disagree or have changed their minds', () => {
    take(mark({ verdict: 'redo' }), mark({ reviewer: 'Ben' }));
    expect(batch.job().redo).toBeUndefined();
    take(mark({ verdict: 'redo', reviewer: 'Ben', atMs: 2000 }));
    expect(batch.job().redo?.waits).toBe(true);
    take(mark({ atMs: 3000 }), mark({ reviewer: 'Ben', atMs: 3000 }));
    expect(batch.job().redo).toBeUndefined();
  });

  it('are done with once another job’s video is taken that was made as they ask, though its bytes are the same', async () => {
    take(mark({ verdict: 'redo' }));
    const { seed } = batch.job().redo!;
    await batch.run({}, { ...edited({ seed }), batch: 'autumn' });
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job().redo?.waits).toBe(true);
    await batch.run({}, edited({ seed }));
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job().redo?.waits).toBe(false);
  });

  it('stay with the output that they were made of, and the redo with the one that came of it', async () => {
    take(mark({ verdict: 'redo', note: 'lips run ahead' }));
    const { seed } = batch.job().redo!;
    await batch.run({ remake: true }, edited({ seed }));
    // The scripted provider delivers the same bytes; another video is told by its own.
    batch.store.sqlite.exec(`UPDATE jobs SET output = json_set(output, '$.sha256', '${'e'.repeat(64)}')`);
    expect(batch.job().marks).toBeUndefined();
    expect(batch.job().earlierMarks).toMatchObject([{ note: 'lips run ahead' }]);
    expect(batch.job().redo).toMatchObject({ seed, waits: false });
    const redos = readRedos(batch.store.path, 'spring');
    expect(redos.get('keynote/de')).toMatchObject([{ route: 'acme/lips', seed }]);
    expect(readRedos(`${batch.store.path}.none`, 'spring').size).toBe(0);
  });
});
