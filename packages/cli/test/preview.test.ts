import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe, verifyVideo } from '@localize/media';
import { expect, it } from 'vitest';
import { filesBelow, folderWith, localize, REPOSITORY } from './support/cli.js';

const PRORES = join(REPOSITORY, 'packages/media/test/__fixtures__/prores.mov');

const MANIFEST = `version: 1
batch: takes
videos:
  - id: safety
    source: ./media/safety.mp4
    provider: wavespeed
    tracks: { de: ./media/audio/de/safety.mp3, ja: ./media/audio/ja/safety.mp3 }
  - id: interview
    source: ./media/interview.mp4
    provider: wavespeed/infinitetalk-fast-multi
    tracks:
      de:
        left_audio: ./media/audio/de/interview-left.mp3
        right_audio: ./media/audio/de/interview-right.mp3
        order: left_right
`;

it('puts every track over its source picture, both voices too, without keys, state or providers', async () => {
  const folder = folderWith({ 'manifest.yaml': MANIFEST }, { media: true });
  const { exit, stdout } = await localize(folder, ['preview']);
  expect(stdout).toBe('3 of 3 previews in localized/takes/preview\n');
  expect(exit).toBe(0);
  const previews = join(folder, 'localized/takes/preview');
  expect([...filesBelow(previews).keys()].sort()).toEqual([
    'interview/interview.de.mp4',
    'safety/safety.de.mp4',
    'safety/safety.ja.mp4',
  ]);
  expect(existsSync(join(folder, '.localize'))).toBe(false);
  const track = await probe(join(folder, 'media/audio/ja/safety.mp3'));
  const made = await verifyVideo(join(previews, 'safety/safety.ja.mp4'));
  expect(Math.abs(made.durationMs - track.durationMs)).toBeLessThan(50);
  const voices = await Promise.all(
    ['left', 'right'].map((side) => probe(join(folder, `media/audio/de/interview-${side}.mp3`))),
  );
  const both = await verifyVideo(join(previews, 'interview/interview.de.mp4'));
  const sum = voices.reduce((total, voice) => total + voice.durationMs, 0);
  expect(Math.abs(both.durationMs - sum)).toBeLessThan(100);
});

it('makes only what is asked for, and prints JSON for scripts', async () => {
  const folder = folderWith({ 'manifest.yaml': MANIFEST }, { media: true });
  const { exit, stdout } = await localize(folder, ['preview', '--only', '*/ja', '--json']);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    folder: 'localized/takes/preview',
    previews: [{ key: 'safety/ja', path: 'localized/takes/preview/safety/safety.ja.mp4' }],
    failed: [],
  });
});

it('says which voice it cannot mix, and sets language and title', async () => {
  const text = MANIFEST.replace('de/interview-right.mp3', 'de/product.m4a').replace('left_right', 'meanwhile');
  const folder = folderWith({ 'manifest.yaml': text }, { media: true });
  const { exit, stderr } = await localize(folder, ['preview', '--only', 'interview']);
  expect(exit).toBe(0);
  expect(stderr).toMatch(
    /warning interview\/de: its voices are two sound tracks, .* only the first: \/.*\/de\/product\.m4a cannot be mixed here \(give WAV or MP3\)/,
  );
  const made = readFileSync(join(folder, 'localized/takes/preview/interview/interview.de.mp4'), 'latin1');
  expect(made).toContain('interview');
  expect(made).toContain('elng');
});

it('names the command for a picture that no MP4 holds', async () => {
  const folder = folderWith({ 'manifest.yaml': MANIFEST.replace('media/safety.mp4', 'prores.mov') }, { media: true });
  copyFileSync(PRORES, join(folder, 'prores.mov'));
  const { exit, stderr } = await localize(folder, ['preview', '--only', 'safety/de']);
  expect(exit).toBe(1);
  expect(stderr).toMatch(/failed safety\/de: .*prores video can't be placed .*; ffmpeg -i in\.mov .*out\.mp4/);
});

it('goes on without a broken track, names it and exits 1', async () => {
  const folder = folderWith({ 'manifest.yaml': MANIFEST }, { media: true });
  writeFileSync(join(folder, 'media/audio/de/safety.mp3'), '<!doctype html><p>not found</p>');
  const { exit, stdout, stderr } = await localize(folder, ['preview', '--keep-going', '--only', 'safety']);
  expect(stderr).toContain('failed safety/de: ');
  expect(stdout).toBe('1 of 2 previews in localized/takes/preview, 1 failed\n');
  expect(exit).toBe(1);
});

it('exits 2 when a manifest would write its outputs where previews go', async () => {
  const text = MANIFEST.replace('id: safety', 'id: preview');
  const folder = folderWith({ 'manifest.yaml': text }, { media: true });
  expect((await localize(folder, ['validate'])).exit).toBe(2);
});
