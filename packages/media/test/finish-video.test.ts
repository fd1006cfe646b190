import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { EncodedPacketSink, type InputTrack } from 'mediabunny';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FinishVideoOptions, finishVideo, probe, verifyVideo } from '../src/index.js';
import { withMedia } from '../src/open-media.js';
import { keepPicture, keepSounds } from '../src/remux/kept-tracks.js';
import { withInputs } from '../src/remux/with-inputs.js';
import { writeMp4 } from '../src/remux/write-mp4.js';
import { demo, fixture, useFolder } from './media-files.js';

afterEach(() => void vi.useRealTimers());

const inFolder = useFolder();
const welcome = demo('welcome.mp4');
const tags = { title: 'Begrüßung', languageCode: 'deu', languageTag: 'de-AT', trackName: 'de-AT' };

const VTT = `WEBVTT

00:00.500 --> 00:02.000
Hallo Welt

zwei
00:00:02.500 --> 00:00:04.000 align:start
über
zwei Zeilen
`;

async function finish(changes: Partial<FinishVideoOptions> = {}) {
  const options = { picture: welcome, sound: null, tags, subtitles: null, output: inFolder('out.mp4'), ...changes };
  await finishVideo(options);
  return probe(options.output);
}

async function subtitles(text = VTT, name = 'de.vtt'): Promise<string> {
  await writeFile(inFolder(name), text);
  return inFolder(name);
}

/** Every packet of a track with its time, as one hash. */
async function packets(path: string, kind: 'video' | 'audio'): Promise<string> {
  return withMedia(path, undefined, async ({ input }) => {
    const track: InputTrack | null =
      kind === 'video' ? await input.getPrimaryVideoTrack() : await input.getPrimaryAudioTrack();
    const hash = createHash('sha256');
    if (track === null) return 'none';
    for await (const packet of new EncodedPacketSink(track).packets()) {
      hash.update(`${Math.round(packet.timestamp * 1000)} `).update(packet.data);
    }
    return hash.digest('hex');
  });
}

const shownTags = (path: string) =>
  withMedia(path, undefined, async ({ input }) => {
    const tracks = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    const { title } = await input.getMetadataTags();
    return { title, languages: await Promise.all(tracks.map((track) => track?.getLanguageCode())) };
  });

/** How many tracks have the whole language tag. */
async function wholeTags(path: string): Promise<number> {
  return (await readFile(path, 'latin1')).split('elng\0\0\0\0de-AT\0').length - 1;
}

describe('a deliverable', () => {
  it.each([
    ['an MP4', welcome],
    ['an MP4 with its index last', fixture('index-last.mp4')],
    ['a fragmented MP4', fixture('fragments.mp4')],
    ['a QuickTime file', fixture('quicktime.mov')],
    ['a WebM', fixture('vp9.webm')],
  ])('has the very pictures and sound of %s, its language and its title', async (_kind, picture) => {
    const before = await probe(picture);
    const after = await finish({ picture });
    expect(after).toMatchObject({
      container: 'mp4',
      video: { codec: before.video?.codec, width: before.video?.width },
    });
    expect(Math.abs(after.durationMs - before.durationMs)).toBeLessThanOrEqual(30);
    for (const kind of ['video', 'audio'] as const) {
      expect([kind, await packets(inFolder('out.mp4'), kind)]).toEqual([kind, await packets(picture, kind)]);
    }
    const languages = before.audio === null ? ['deu', undefined] : ['deu', 'deu'];
    expect(await shownTags(inFolder('out.mp4'))).toEqual({ title: 'Begrüßung', languages });
    expect(await wholeTags(inFolder('out.mp4'))).toBe(before.audio === null ? 1 : 2);
    await verifyVideo(inFolder('out.mp4'));
  });

  it('has the dub in the place of the sound, copied', async () => {
    const dub = demo('audio/de/welcome.mp3');
    const facts = await finish({ sound: { audio: [dub], arrangement: 'single' } });
    expect(facts.audio?.codec).toBe('mp3');
    expect(await packets(inFolder('out.mp4'), 'video')).toBe(await packets(welcome, 'video'));
    expect(await packets(inFolder('out.mp4'), 'audio')).toBe(await packets(dub, 'audio'));
  });

  it('keeps its pictures whole where two voices speak longer or shorter than they last', async () => {
    const audio = [demo('audio/de/interview-left.mp3'), demo('audio/de/interview-right.mp3')];
    const before = await probe(welcome);
    const facts = await finish({ sound: { audio, arrangement: 'left_right' } });
    expect(facts.videoDurationMs).toBe(before.videoDurationMs);
    expect(facts.audioDurationMs).toBeGreaterThan(before.durationMs);
  });

  it.each([
    ['put together in memory', undefined],
    ['written piece by piece', 1],
  ])(
    'has the whole language tag on every track, and its packets where its index says, when %s',
    async (_how, bytes) => {
      const output = inFolder('tagged.mp4');
      const inMemoryBytes = bytes === undefined ? {} : { inMemoryBytes: bytes };
      await withInputs(async (open) => {
        const media = await open(welcome);
        const plan = { picture: await keepPicture(media, 0), sounds: await keepSounds(media, 0), endSeconds: 6, tags };
        await writeMp4(output, { ...plan, ...inMemoryBytes });
      });
      expect(await wholeTags(output)).toBe(2);
      await verifyVideo(output);
      for (const kind of ['video', 'audio'] as const) {
        expect(await packets(output, kind), kind).toBe(await packets(welcome, kind));
      }
    },
  );

  // Subtitles give it another index, which clears the times too: without them the library's own times come to light.
  it.each([
    ['with another index', welcome, VTT],
    ['written anew', fixture('vp9.webm'), null],
  ])('is the same file whenever it is made, %s', async (_how, picture, text) => {
    const subs = text && (await subtitles(text));
    await finish({ picture, subtitles: subs, output: inFolder('first.mp4') });
    const whole = await readFile(inFolder('first.mp4'));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    await finish({ picture, subtitles: subs });
    expect((await readFile(inFolder('out.mp4'))).equals(whole)).toBe(true);
  });

  it('is not made of a file that is no video, and leaves nothing behind', async () => {
    const picture = inFolder('text.mp4');
    await writeFile(picture, 'no video');
    await expect(finish({ picture, output: inFolder('never.mp4') })).rejects.toMatchObject({
      code: 'MEDIA_UNREADABLE',
    });
    await expect(probe(inFolder('never.mp4'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
  });
});
