import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishVideo, remux } from '../src/index.js';
import { CHROMIUM_ARGUMENTS, findChromium } from './chromium.js';
import { demo, fixture, useFolder } from './media-files.js';
import { type MediaServer, type Served, startMediaServer } from './media-server.js';
import { decode, play } from './player-page.js';
import { writeWav } from './wav-file.js';

const found = findChromium();
if ('missing' in found && !process.env.CI) {
  console.warn(`Skipped: playing re-muxed videos in a real browser, since there is ${found.missing}.`);
}
const inFolder = useFolder();

describe.skipIf('missing' in found && !process.env.CI)('a re-muxed video in Chromium', () => {
  const served: Record<string, Served> = {
    '/': { body: Buffer.from('<!doctype html>'), ranges: false, contentType: 'text/html' },
  };
  let browser: Browser;
  let server: MediaServer;
  let page: Page;

  beforeAll(async () => {
    if ('missing' in found) throw new Error(`CI must play videos in a browser, and there is ${found.missing}`);
    browser = await chromium.launch({ executablePath: found.path, args: CHROMIUM_ARGUMENTS });
    server = await startMediaServer(served);
    page = await browser.newPage();
    await page.goto(`${server.origin}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  type Options = Omit<Parameters<typeof remux>[0], 'output'>;
  async function serve(name: string, options: Options): Promise<{ url: string; durationMs: number }> {
    const output = inFolder(`${name}.mp4`);
    const { durationMs } = await remux({ ...options, output });
    served[`/${name}.mp4`] = { body: await readFile(output), ranges: true };
    return { url: `/${name}.mp4`, durationMs };
  }

  const picture = fixture('index-last.mp4');
  const low = fixture('low-tone.mp3');
  const high = fixture('high-tone.mp3');
  const cases: [string, Options][] = [
    [
      'a demo video with an MP3',
      { picture: demo('welcome.mp4'), audio: [demo('audio/de/welcome.mp3')], arrangement: 'single' },
    ],
    [
      'a demo video with an M4A',
      { picture: demo('product.mp4'), audio: [demo('audio/ja/product.m4a')], arrangement: 'single' },
    ],
    ['a repeated picture', { picture, audio: [demo('audio/fr/safety.mp3')], arrangement: 'single' }],
    [
      'a picture that is cut between reordered frames',
      { picture, audio: [low], arrangement: 'single', durationMs: 1301 },
    ],
    ['two MP3s one after the other', { picture, audio: [low, high], arrangement: 'left_right' }],
    ['two MP3s at once', { picture, audio: [low, high], arrangement: 'meanwhile' }],
    [
      'two tracks where AAC is not mixed',
      { picture, audio: [fixture('high-tone.m4a'), low], arrangement: 'meanwhile' },
    ],
    ['FLAC', { picture, audio: [fixture('tone.flac')], arrangement: 'single' }],
    ['Opus', { picture, audio: [fixture('opus.ogg')], arrangement: 'single' }],
    ['raw AAC', { picture, audio: [fixture('tone.aac')], arrangement: 'single' }],
    ['VP9 from WebM', { picture: fixture('vp9.webm'), audio: [low], arrangement: 'single' }],
    ['fragments', { picture: fixture('fragments.mp4'), audio: [low], arrangement: 'single' }],
  ];

  it.concurrent.each(cases)('plays %s with picture and sound to its end', async (name, options) => {
    const { url, durationMs } = await serve(name.replaceAll(' ', '-'), options);
    const played = await page.evaluate(play, url);
    expect(played.error).toBeNull();
    expect(Math.abs(played.duration * 1000 - durationMs)).toBeLessThan(30);
    expect(played.reached).toBeGreaterThan(0.5);
    expect(played.frames).toBeGreaterThan(5);
    expect(played.audioBytes).toBeGreaterThan(0);
    expect(played.ended).toBe(true);
  });

  it.each([
    ['whose index alone is new', null],
    ['that is written anew', { audio: [low], arrangement: 'single' } as const],
  ])('plays a deliverable with subtitles %s', async (_how, sound) => {
    const [subtitles, output] = [inFolder('subs.vtt'), inFolder('finished.mp4')];
    await writeFile(subtitles, 'WEBVTT\n\n00:00.200 --> 00:01.500\nHallo\n');
    const tags = { title: 'Hallo', languageCode: 'deu', languageTag: 'de', trackName: 'de' };
    await finishVideo({ picture, sound, tags, subtitles, output });
    served['/finished.mp4'] = { body: await readFile(output), ranges: true };
    const played = await page.evaluate(play, '/finished.mp4');
    expect(played).toMatchObject({ error: null, ended: true });
    expect(Math.min(played.frames - 5, played.audioBytes)).toBeGreaterThan(0);
  });

  it('plays a WAV as it was', async () => {
    const wav = await writeWav(inFolder('tone.wav'), { hertz: 900, seconds: 2, sampleRate: 22_050 });
    const { url } = await serve('wav', { picture, audio: [wav], arrangement: 'single' });
    expect(await page.evaluate(play, url)).toMatchObject({ error: null, ended: true, audioBytes: expect.any(Number) });
    const { seconds, windows } = await page.evaluate(decode, url);
    expect(seconds).toBeCloseTo(2, 1);
    for (const { low, high } of windows.slice(0, -1)) {
      expect(low).toBeLessThan(0.01);
      // The tone was written at half of full level.
      expect(high).toBeCloseTo(0.5, 1);
    }
  });

  it('plays from a file without a server', async () => {
    const output = inFolder('from file.mp4');
    await remux({ picture, audio: [low], arrangement: 'single', output });
    const filePage = await browser.newPage();
    await filePage.goto(pathToFileURL(output).href);
    expect(await filePage.evaluate(play, pathToFileURL(output).href)).toMatchObject({ error: null, ended: true });
    await filePage.close();
  });

  // One letter for each half second: low, high, both, none; a half in which the voice changes may hold both.
  it.each([
    ['left_right', /^l{3,4}b?h{2,3}-?$/],
    ['right_left', /^h{2,3}b?l{3,4}-?$/],
    ['meanwhile', /^b{3,4}l{1,2}-?$/],
  ] as const)('lets the voices speak in order: %s', async (arrangement, order) => {
    const lowWav = await writeWav(inFolder('low.wav'), { hertz: 300, seconds: 2 });
    const highWav = await writeWav(inFolder('high.wav'), { hertz: 900, seconds: 1.5 });
    for (const [name, audio] of Object.entries({ mp3: [low, high], wav: [lowWav, highWav], mixed: [lowWav, high] })) {
      const { url } = await serve(`${arrangement}-${name}`, { picture, audio, arrangement });
      const { windows } = await page.evaluate(decode, url);
      expect(windows.map(letter).join(''), name).toMatch(order);
    }
  });
});

function letter({ low, high }: { low: number; high: number }): string {
  if (low > 0.05) return high > 0.05 ? 'b' : 'l';
  return high > 0.05 ? 'h' : '-';
}
