import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finish, WholePlan } from '@localize/core';
import { probe } from '@localize/media';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunOptions } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA } from '../testing/batch-fixture.js';

const FINISH: Finish = { audio: 'provider', title: 'Keynote', language: 'pt-BR', subtitles: null };
const TRACK: Finish = { ...FINISH, audio: 'track' };

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['pt-BR']);
});
afterEach(() => batch.close());

const output = () => join(batch.dir, 'localized/spring/keynote/keynote.pt-BR.mp4');
const original = () => join(batch.dir, 'localized/spring/originals/keynote/keynote.pt-BR.mp4');
const sidecar = (path = output()) => JSON.parse(readFileSync(`${path}.json`, 'utf8'));
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
/** What the scripted provider serves has AAC, the dub is an MP3. */
const sound = async (path = output()) => (await probe(path)).audio?.codec;

function planOf(
  finish: Finish,
  changes: Partial<WholePlan> = {},
  seed: number | null = null,
  track = 'audio/pt-BR/welcome.mp3',
): WholePlan {
  const plan = batch.plan(['pt-BR'], changes);
  const audio = { kind: 'file' as const, path: join(MEDIA, track) };
  const jobs = plan.jobs.map((job) => ({
    ...job,
    finish,
    video: { kind: 'url' as const, url: 'https://media.example/keynote.mp4' },
    voices: { kind: 'one' as const, audio },
    choices: job.choices.map((choice) => ({ ...choice, input: { ...choice.input, seed } })),
  }));
  return { ...plan, jobs };
}

/** Runs and says how many creates have left in all. */
async function run(finish: Finish, options: Partial<RunOptions> = {}, seed: number | null = null): Promise<number> {
  const outcome = await batch.run(
    { providers: new Map([['acme', uploading()]]), ...options },
    planOf(finish, {}, seed),
  );
  expect([outcome.exit, batch.events.filter(({ type }) => type === 'problem')]).toEqual([0, []]);
  return batch.scripted.starts.length;
}

function uploading() {
  const upload = async () => ({ outcome: 'uploaded' as const, url: 'https://media.example/de.mp3', keptMs: null });
  return { ...batch.scripted.provider, upload };
}

function subtitles(text: string) {
  const path = join(batch.dir, 'de.vtt');
  writeFileSync(path, `WEBVTT\n\n00:00.000 --> 00:01.000\n${text}\n`);
  return { kind: 'file' as const, path };
}

describe('a finished output', () => {
  it('has its title and language; its sidecar tells of it and of what the provider delivered', async () => {
    await run(FINISH);
    expect(sidecar()).toMatchObject({
      job: 'keynote/pt-BR',
      sha256: sha256(output()),
      bytes: readFileSync(output()).length,
    });
    expect(sidecar().finish).toMatchObject({
      audio: 'provider',
      title: 'Keynote',
      language: 'pt-BR',
      subtitles_sha256: null,
      kept: null,
    });
    expect(sidecar().finish.provider_sha256).toBe(sha256(join(MEDIA, 'welcome.mp4')));
    const bytes = readFileSync(output());
    expect(bytes.includes('Keynote')).toBe(true);
    expect(await sound()).toBe('aac');
    expect(existsSync(original())).toBe(false);
  });

  it('gets another sound and subtitles, and gets rid of them, without a purchase', async () => {
    await run(FINISH);
    const made = sidecar();
    expect(await run({ ...TRACK, subtitles: subtitles('Bom dia') })).toBe(1);
    expect(await sound()).toBe('mp3');
    expect(await sound(original())).toBe('aac');
    expect(readFileSync(output()).includes('Bom dia')).toBe(true);
    expect(sidecar()).toMatchObject({
      fingerprint: made.fingerprint,
      prediction_id: made.prediction_id,
      sha256: sha256(output()),
    });
    expect(sidecar().finish.kept).toBe('../originals/keynote/keynote.pt-BR.mp4');

    expect(await run({ ...TRACK, subtitles: subtitles('Boa tarde') })).toBe(1);
    expect(readFileSync(output()).includes('Boa tarde')).toBe(true);

    expect(await run(FINISH)).toBe(1);
    expect(await sound()).toBe('aac');
    expect(readFileSync(output()).includes('tx3g')).toBe(false);
    expect(existsSync(original())).toBe(false);
    expect(sidecar().finish).toMatchObject({
      audio: 'provider',
      kept: null,
      provider_sha256: made.finish.provider_sha256,
    });
  });

  it('whose track ends long before its pictures is made, and that is said', async () => {
    const plan = planOf(TRACK, {}, null, 'audio/fr/interview-left.mp3');
    const outcome = await batch.run({ providers: new Map([['acme', uploading()]]) }, plan);
    expect(outcome.exit).toBe(0);
    expect(await sound()).toBe('mp3');
    expect(batch.events.filter(({ type }) => type === 'problem')).toEqual([
      expect.objectContaining({
        key: 'keynote/pt-BR',
        message: expect.stringMatching(/ends at 3\.\d+ ?s, and its pictures go on to 5\.\d+ ?s/),
      }),
    ]);
  });

  it('is left as it is by the next run', async () => {
    await run(TRACK);
    const before = sha256(output());
    await run(TRACK);
    expect(sha256(output())).toBe(before);
    expect(sha256(original())).toBe(sidecar().finish.provider_sha256);
  });

  it('is what came, and that is said, where it cannot be made', async () => {
    const gone = { kind: 'file' as const, path: join(batch.dir, 'gone.vtt') };
    const providers = new Map([['acme', uploading()]]);
    const outcome = await batch.run({ providers }, planOf({ ...FINISH, subtitles: gone }));
    expect(outcome.exit).toBe(0);
    expect(sha256(output())).toBe(sha256(join(MEDIA, 'welcome.mp4')));
    expect(batch.events).toContainEqual(
      expect.objectContaining({
        type: 'problem',
        message: expect.stringContaining('its deliverable could not be made'),
      }),
    );
  });

  it('is taken for ours when a kill came between the new file and the state', async () => {
    await run(FINISH);
    batch.store.close();
    cpSync(join(batch.dir, '.localize'), join(batch.dir, 'before'), { recursive: true });
    batch.openAgain();
    await run(TRACK);
    batch.store.close();
    rmSync(join(batch.dir, '.localize'), { recursive: true });
    renameSync(join(batch.dir, 'before'), join(batch.dir, '.localize'));
    batch.openAgain();
    expect(await run(TRACK)).toBe(1);
    expect(batch.snapshot().jobs[0]).toMatchObject({ state: 'succeeded', outputSha256: sha256(output()) });
  });

  it('is adopted on another machine with all that it was made of, and nothing is bought there', async () => {
    await run(TRACK);
    const made = sidecar();
    const results = join(batch.dir, 'results');
    renameSync(join(batch.dir, 'localized'), results);
    batch.loseState();
    expect((await batch.adopt(results, planOf(TRACK))).adopted).toEqual(['keynote/pt-BR']);
    rmSync(results, { recursive: true });
    expect(await run(TRACK)).toBe(1);
    expect(sidecar()).toEqual(made);
    expect(sha256(original())).toBe(made.finish.provider_sha256);
    // What the provider made is there to go back to.
    expect(await run(FINISH)).toBe(1);
    expect(await sound()).toBe('aac');
  });

  it('of a long name fits the disk with all that is written beside it, also where an edit replaces it', async () => {
    const plan = (seed: number) => {
      const made = planOf(TRACK, {}, seed);
      const folder = '序'.repeat(66);
      const jobs = made.jobs.map((job) => ({ ...job, output: `${folder}/${'章'.repeat(65)}.mp4` }));
      return { ...made, jobs };
    };
    const providers = new Map([['acme', uploading()]]);
    expect((await batch.run({ providers }, plan(1))).exit).toBe(0);
    expect((await batch.run({ providers, remake: true }, plan(2))).exit).toBe(0);
    expect((await batch.run({ providers }, plan(1))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('that an edit replaces keeps its own original, and reverting brings both back, unpaid', async () => {
    await run(TRACK);
    const made = sidecar();
    expect(await run(TRACK, { remake: true }, 9)).toBe(2);
    const replaced = join(batch.dir, 'localized/spring/replaced');
    const [old = ''] = readdirSync(replaced).filter((name) => name.endsWith('.mp4'));
    expect(existsSync(join(replaced, sidecar(join(replaced, old)).finish.kept))).toBe(true);
    expect(await run(TRACK)).toBe(2);
    expect(sidecar()).toEqual(made);
    expect(sha256(original())).toBe(made.finish.provider_sha256);
  });
});
