import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { changedJobs, foreseeRun, openStore, type RunEvent, readSnapshot, retry } from '../src/index.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

describe('a sidecar that was deleted', () => {
  it('is written again, so that a lost state can still find the result', async () => {
    await batch.run();
    const sidecar = `${batch.job().output}.json`;
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

  it('are bought by each of two manifests that run at once, and once where one runs after the other', async () => {
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const spring = batch.run();
    while (batch.scripted.starts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const other = async (name: string) => {
      const store = openStore(batch.store.path);
      onTestFinished(store.close);
      return batch.run({ store, manifestPath: join(batch.dir, `${name}.yaml`) }, batch.plan(['de'], { batch: name }));
    };
    expect((await other('autumn')).exit).toBe(0);
    batch.scripted.statuses.clear();
    expect((await spring).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect((await other('winter')).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('are as good where the folder was moved with them, also when the provider has nothing any more', async () => {
    await batch.run();
    const { requests } = batch.scripted.outputStatus;
    batch.scripted.outputStatus.code = 404;
    renameSync(join(batch.dir, 'localized'), join(batch.dir, 'moved'));
    const outputDir = join(batch.dir, 'moved');
    expect((await batch.run({}, batch.plan(['de'], { outputDir }))).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output: join(outputDir, 'spring/keynote/keynote.de.mp4') });
    expect(batch.scripted.outputStatus.requests).toBe(requests);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('serves a lost state from the sidecars without buying', async () => {
    await batch.run();
    batch.loseState();
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('keep their video after a lost state and an edit, like any finished job, until the user says so', async () => {
    await batch.run();
    const before = batch.job().outputSha256;
    batch.loseState();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect((await batch.run({}, edited)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job()).toMatchObject({ state: 'succeeded', outputSha256: before });
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', fields: ['prompt'] }));
    await batch.run({ remake: true }, edited);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(existsSync(join(batch.dir, 'localized/spring/replaced'))).toBe(true);
  });

  it('tell after a lost state which field an edit touched, as far as their sidecars do', async () => {
    await batch.run();
    batch.loseState();
    await batch.run();
    const edited = withPrompt(batch.plan(['de']), 'new words');
    expect(await changedJobs(batch.store, edited)).toEqual([{ key: 'keynote/de', fields: ['prompt'] }]);
    const sidecar = `${batch.job().output}.json`;
    const { made_of: _, ...older } = JSON.parse(readFileSync(sidecar, 'utf8'));
    writeFileSync(sidecar, JSON.stringify(older));
    expect(await changedJobs(batch.store, edited)).toEqual([{ key: 'keynote/de', fields: ['inputs'] }]);
  });

  it('never lets an emulated result stand for a real one', async () => {
    await batch.run({}, batch.plan(['de'], { emulate: true, batch: 'spring' }));
    batch.loseState();
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each(['before the state is', 'after it was adopted, and with its sidecar'])(
    'fetches a paid video of a lost state that is deleted %s',
    async (when) => {
      await batch.run();
      const { output } = batch.job();
      const deleted = () => rmSync(output!);
      if (when.startsWith('before')) deleted();
      batch.loseState();
      await batch.run();
      if (when.startsWith('after')) {
        deleted();
        rmSync(`${output}.json`);
        expect((await batch.run()).exit).toBe(0);
      }
      expect(existsSync(output!)).toBe(true);
      expect(batch.scripted.starts).toHaveLength(1);
      expect(batch.job().attempts).toMatchObject([
        { state: 'completed', predictionId: 'prediction-1', lane: 'ACME_KEY' },
      ]);
      expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, atRiskMicros: 0 });
    },
  );

  it('holds what a lost state had paid for when it is gone at the provider too, and never buys it by itself', async () => {
    await batch.run();
    rmSync(batch.job().output!);
    batch.loseState();
    batch.scripted.outputStatus.code = 404;
    const clock = new SkippingClock();
    for (let again = 0; again < 2; again += 1) await batch.run({ clock });
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 150_000 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('says of a lost result which command asks for it and which buys another, and each does that', async () => {
    const clock = new SkippingClock();
    batch.scripted.outputStatus.code = 404;
    await batch.run({ clock });
    await batch.run({ clock });
    expect(batch.job().reason).toContain(
      '; each run and the first `retry` ask the provider for it again, for free, and a second',
    );
    const action = { store: batch.store, batch: 'spring', clock, host: 'test' };
    const again = () => retry(action, { only: () => true, uncertain: false });
    expect(await again()).toMatchObject({ resumed: ['keynote/de'], again: [] });
    await batch.run({ clock });
    expect(batch.job().reason).toMatch(/; `retry` buys another for \$0\.15$/);
    expect(await again()).toMatchObject({ resumed: [], again: ['keynote/de'] });
    batch.scripted.outputStatus.code = 200;
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('does not trust a video that is not what its sidecar says, and fetches it again; that one is kept', async () => {
    await batch.run();
    const { output, outputSha256 } = batch.job();
    const bytes = readFileSync(output!);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 255;
    writeFileSync(output!, bytes);
    batch.loseState();
    await batch.run();
    expect(batch.job()).toMatchObject({ state: 'succeeded', outputSha256 });
    expect(batch.scripted.starts).toHaveLength(1);
    const kept = keptFiles();
    expect(kept.map((path) => readFileSync(path))).toEqual([bytes]);
    expect(said()).toContainEqual(expect.stringContaining(`it is kept as ${kept[0]}`));
  });
});

describe('a file of which nobody knows what it was made of', () => {
  const place = () => join(batch.dir, 'localized/spring/keynote/keynote.de.mp4');
  const foresee = () =>
    foreseeRun(batch.store, batch.plan(['de', 'fr']), { caps: [], wanted: () => true, nowMs: Date.now() });

  it('is left alone where an output belongs, and nothing is bought for it, until it is moved away', async () => {
    mkdirSync(dirname(place()), { recursive: true });
    writeFileSync(place(), 'my own film');
    const why = `${place()} is there, and neither this state nor a sidecar tells what it was made of`;
    expect([...(await foresee()).taken]).toEqual([['keynote/de', why]]);
    for (let again = 0; again < 2; again += 1) {
      expect((await batch.run({}, batch.plan(['de', 'fr']))).exit).toBe(1);
      expect(batch.job()).toMatchObject({
        state: 'held',
        holdReason: 'place-taken',
        reason: expect.stringContaining(why),
      });
      expect(batch.job().mend).toBe('mend or move that, then: localize manifest.yaml');
      expect(readFileSync(place(), 'utf8')).toBe('my own film');
      expect(batch.scripted.starts).toHaveLength(1);
    }
    renameSync(place(), join(batch.dir, 'mine.mp4'));
    expect((await batch.run({}, batch.plan(['de', 'fr']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it.each([
    ['no sidecar', (sidecar: string) => rmSync(sidecar)],
    ['half a sidecar', (sidecar: string) => writeFileSync(sidecar, '{ "version": 1, "fing')],
  ])('may be a paid video of a lost state that has %s: it is not bought again', async (_, damage) => {
    await batch.run();
    const bytes = readFileSync(place());
    damage(`${place()}.json`);
    batch.loseState();
    expect((await foresee()).taken.has('keynote/de')).toBe(true);
    expect((await batch.run()).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'place-taken' });
    expect(readFileSync(place())).toEqual(bytes);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is kept among the earlier versions where an adopted result, or one that is paid for, takes its place', async () => {
    await batch.run();
    renameSync(join(batch.dir, 'localized'), join(batch.dir, 'elsewhere'));
    batch.loseState();
    mkdirSync(dirname(place()), { recursive: true });
    writeFileSync(place(), 'my own film');
    expect((await batch.adopt(join(batch.dir, 'elsewhere'))).adopted).toEqual(['keynote/de']);
    expect(keptFiles().map((path) => readFileSync(path, 'utf8'))).toEqual(['my own film']);

    const second = join(dirname(place()), 'keynote.fr.mp4');
    const onEvent = (event: RunEvent) => {
      if (event.type === 'attempt:state' && !existsSync(second)) writeFileSync(second, 'made meanwhile');
    };
    expect((await batch.run({ onEvent }, batch.plan(['de', 'fr']))).exit).toBe(0);
    const texts = keptFiles().map((path) => readFileSync(path, 'utf8'));
    expect(texts.sort()).toEqual(['made meanwhile', 'my own film']);
  });

  it('is none where a video is made again: the old one is kept once', async () => {
    await batch.run();
    const first = readFileSync(place());
    await batch.run({ remake: true }, withPrompt(batch.plan(['de']), 'new words'));
    expect(keptFiles().map((path) => readFileSync(path))).toEqual([first]);
    expect(said().filter((message) => message.includes('it is kept as'))).toEqual([]);
  });

  it('is left alone in the place of a finished video that is to be made again, until it is moved away', async () => {
    await batch.run();
    const first = readFileSync(place());
    const edited = withPrompt(batch.plan(['de']), 'other words');
    writeFileSync(place(), 'my own cut');
    // Neither offered nor bought, nor moved; the same where an edit is reverted.
    expect(await changedJobs(batch.store, edited)).toEqual([]);
    for (const plan of [edited, batch.plan(['de'])]) {
      expect((await batch.run({ remake: true }, plan)).exit).toBe(0);
      expect(readFileSync(place(), 'utf8')).toBe('my own cut');
      expect(batch.job()).toMatchObject({ replaced: true, mend: expect.stringContaining('move the file away') });
      expect(said().at(-1)).toContain(`it is left alone: ${place()}`);
    }
    expect([keptFiles(), batch.scripted.starts.length]).toEqual([[], 1]);
    renameSync(place(), join(batch.dir, 'mine.mp4'));
    expect(await changedJobs(batch.store, edited)).toMatchObject([{ fields: ['prompt'] }]);
    expect((await batch.run({ remake: true }, edited)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(batch.job()).toMatchObject({ state: 'succeeded', reason: null });
    expect(batch.job().replaced).toBeUndefined();
    expect(readFileSync(place())).toEqual(first);
  });
});

describe('a whole video that lies in its place while a kill came before its row', () => {
  it('is taken up where its host has it no more meanwhile, and its price is not lost', async () => {
    let beforeIt: Buffer | null = null;
    const onEvent = (event: RunEvent) => {
      if (event.type === 'job:state' && event.to === 'downloading') beforeIt = batch.store.sqlite.serialize();
    };
    expect((await batch.run({ onEvent })).exit).toBe(0);
    const { output } = batch.job();
    batch.store.close();
    writeFileSync(batch.store.path, beforeIt!);
    batch.openAgain();
    expect(batch.job()).toMatchObject({ state: 'downloading', output: null });
    batch.scripted.outputStatus.code = 404;
    const clock = new SkippingClock(Date.now());
    expect((await batch.run({ clock })).exit).toBe(1);
    expect(batch.job()).toMatchObject({ holdReason: 'lost', attempts: [{ state: 'lost' }] });
    expect((await batch.run({ clock })).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded', output, attempts: [{ state: 'completed' }] });
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is taken where it came whole, and the kill came before it had its place', async () => {
    batch.scripted.outputStatus.padBytes = 2_000_000;
    const place = join(batch.dir, 'localized/spring/keynote/keynote.de.mp4');
    const part = `${place}.part`;
    let killed = (): void => undefined;
    const onEvent = (event: RunEvent) => {
      // Said when the result is whole and verified, and its place is still another file's.
      if (event.type !== 'problem' || !event.message.includes('takes its place')) return;
      const [state, video, mark] = [
        batch.store.sqlite.serialize(),
        readFileSync(part),
        readFileSync(`${part}.validator`),
      ];
      killed = () => {
        batch.store.close();
        writeFileSync(batch.store.path, state);
        batch.openAgain();
        rmSync(dirname(place), { recursive: true });
        mkdirSync(dirname(place));
        writeFileSync(part, video);
        writeFileSync(`${part}.validator`, mark);
      };
    };
    const inTheWay = (event: RunEvent) => {
      if (event.type === 'attempt:state' && event.to === 'completed') writeFileSync(place, 'made meanwhile');
      onEvent(event);
    };
    mkdirSync(dirname(place), { recursive: true });
    expect((await batch.run({ onEvent: inTheWay })).exit).toBe(0);
    const made = readFileSync(place);
    expect(made.length).toBeGreaterThan(2_000_000);
    killed();
    expect(batch.job()).toMatchObject({ state: 'downloading', output: null });

    batch.scripted.outputStatus.code = 404;
    const { requests } = batch.scripted.outputStatus;
    expect((await batch.run()).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded', attempts: [{ state: 'completed' }] });
    expect(readFileSync(place).equals(made)).toBe(true);
    expect(batch.scripted.outputStatus.requests).toBe(requests);
    expect(readdirSync(dirname(place)).sort()).toEqual(['keynote.de.mp4', 'keynote.de.mp4.json']);
  });
});

/** Earlier versions of outputs, and what lay in their place. */
function keptFiles(): string[] {
  const folder = join(batch.dir, 'localized/spring/replaced');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => !name.endsWith('.json')).map((name) => join(folder, name));
}

function said(): string[] {
  return batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
}
