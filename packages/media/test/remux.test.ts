import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { EncodedPacketSink } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { type Arrangement, isPlayablePicture, probe, remux, verifyVideo } from '../src/index.js';
import { openMedia, withMedia } from '../src/open-media.js';
import { createPictureTrack } from '../src/remux/picture-track.js';
import { writeMp4 } from '../src/remux/write-mp4.js';
import { decodingErrors, hasFfmpeg } from './ffmpeg.js';
import { flacOf } from './flac-file.js';
import { demo, fixture, useFolder } from './media-files.js';
import { writeWav } from './wav-file.js';

const inFolder = useFolder();
const welcome = demo('welcome.mp4');
const left = demo('audio/de/interview-left.mp3');
const right = demo('audio/de/interview-right.mp3');

function single(audio: string, more: { picture?: string; durationMs?: number; note?: Buffer } = {}) {
  return remux({ picture: welcome, audio: [audio], arrangement: 'single', output: inFolder('out.mp4'), ...more });
}

/** Frames may be a fraction of a millisecond off the grid of either track. */
function expectLength(facts: { durationMs: number }, expectedMs: number): void {
  expect(Math.abs(facts.durationMs - expectedMs), `${facts.durationMs} ms for ${expectedMs} ms`).toBeLessThanOrEqual(1);
}

describe('remux of one voice', () => {
  it.each([
    ['welcome.mp4', true],
    ['vp9.webm', true],
    ['vp8.webm', false],
    ['prores.mov', false],
  ])('takes the pictures of %s: %s, as their codec tells', async (name, taken) => {
    const picture = name === 'welcome.mp4' ? welcome : fixture(name);
    expect(isPlayablePicture((await probe(picture)).video?.codec ?? '')).toBe(taken);
    const made = single(right, { picture }).then(
      () => true,
      (error: Error) => !/can't be placed in an MP4/.test(error.message),
    );
    expect(await made).toBe(taken);
  });

  it('copies the picture and an MP3, index first', async () => {
    const facts = await single(demo('audio/de/welcome.mp3'));
    expect(facts).toMatchObject({
      container: 'mp4',
      video: { codec: 'avc', width: 1280, height: 720, frameRate: 25 },
      audio: { codec: 'mp3', channels: 1, sampleRate: 44_100 },
    });
    expectLength(facts, 5433);
    const bytes = await readFile(inFolder('out.mp4'));
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    await verifyVideo(inFolder('out.mp4'));
  });

  it('copies the AAC of an M4A', async () => {
    const facts = await single(demo('audio/ja/product.m4a'));
    expect(facts.audio?.codec).toBe('aac');
    expectLength(facts, 6900);
  });

  it('copies a FLAC to its last frame, which may be shorter than a millisecond', async () => {
    // The fifth frame ends at 464.399 ms, and with the few samples behind it all of it lasts 464 ms.
    await writeFile(inFolder('short-end.flac'), flacOf({ frames: 6, lastSamples: 4 }));
    await single(inFolder('short-end.flac'));
    const copied = await openMedia(inFolder('out.mp4'));
    const track = await copied.input.getPrimaryAudioTrack();
    let packets = 0;
    for await (const _packet of new EncodedPacketSink(track!).packets()) packets += 1;
    copied.close();
    expect(packets).toBe(6);
  });

  it('tells a note beside the first picture once, which copies of its packets keep and players pass over', async () => {
    const note = Buffer.from('sixteen letters: made for a test');
    await single(demo('audio/de/welcome.mp3'));
    const plain = await readFile(inFolder('out.mp4'));
    await single(demo('audio/de/welcome.mp3'), { note });
    const noted = await readFile(inFolder('out.mp4'));
    await verifyVideo(inFolder('out.mp4'));
    // Length, head, kind, length of the note and the last bit.
    expect(noted.length).toBe(plain.length + note.length + 8);
    expect(noted.indexOf(note)).toBe(noted.lastIndexOf(note));
    expect(noted.indexOf(note)).toBeGreaterThan(noted.indexOf('mdat'));
    if (hasFfmpeg()) expect(decodingErrors(inFolder('out.mp4'))).toBe('');
    await expect(single(demo('audio/de/welcome.mp3'), { note: Buffer.alloc(20) })).rejects.toThrow(RangeError);
  });

  it('repeats a picture that is shorter than the voice', async () => {
    const facts = await single(demo('audio/ja/safety.mp3'), { picture: fixture('index-last.mp4') });
    expectLength(facts, 7340);
    expectLength({ durationMs: facts.videoDurationMs! }, 7340);
  });

  it.each(['index-last.mp4', 'fragments.mp4', 'quicktime.mov', 'vp9.webm', 'live.webm'])(
    'cuts the picture of %s to the voice at any frame',
    async (picture) => {
      for (const durationMs of [333, 1000, 1021, 1999, 2500]) {
        const facts = await single(left, { picture: fixture(picture), durationMs });
        expectLength(facts, durationMs);
        expectLength({ durationMs: facts.videoDurationMs! }, durationMs);
        await verifyVideo(inFolder('out.mp4'));
      }
    },
  );

  it('goes on without sound when it is to be longer than the voice', async () => {
    const facts = await single(left, { durationMs: 6000 });
    expectLength(facts, 6000);
    expectLength({ durationMs: facts.audioDurationMs! }, 3344);
  });

  it('leaves out the sound after the wanted end', async () => {
    const facts = await single(left, { durationMs: 1234 });
    expectLength(facts, 1234);
    expectLength({ durationMs: facts.audioDurationMs! }, 1234);
  });

  it.each(['late-vorbis.webm', 'late-ac3.mp4'])(
    'encodes the sound of %s, which no MP4 holds or browser plays',
    async (name) => {
      const facts = await single(fixture(name));
      expect(facts.audio?.codec).toBe('aac');
      expect(Math.abs(facts.durationMs - 1000)).toBeLessThan(60);
    },
  );

  it.each([
    [22_050, 1],
    [44_100, 2],
    [48_000, 1],
    [96_000, 2],
  ])('encodes a WAV of %i Hz and %i channel(s) as AAC', async (sampleRate, channels) => {
    const wav = await writeWav(inFolder('tone.wav'), { hertz: 440, seconds: 2.7, sampleRate, channels });
    const facts = await single(wav);
    expect(facts.audio).toMatchObject({ codec: 'aac', channels, sampleRate: Math.min(sampleRate, 48_000) });
    expectLength(facts, 2700);
  });

  it('goes by content: an MP3 that is named .wav is copied', async () => {
    await copyFile(left, inFolder('named.wav'));
    expect((await single(inFolder('named.wav'))).audio?.codec).toBe('mp3');
  });

  it.each([
    ['tone.flac', 'flac', 2000],
    ['opus.ogg', 'opus', 2000],
    ['tone.aac', 'aac', 2043],
  ])('copies %s', async (name, codec, durationMs) => {
    const facts = await single(fixture(name));
    expect(facts.audio?.codec).toBe(codec);
    expectLength(facts, durationMs);
  });

  it('keeps what is at the output until the new file is whole, and leaves nothing else', async () => {
    const output = inFolder('kept.mp4');
    await writeFile(output, 'old');
    const bytes = await readFile(demo('audio/de/product.m4a'));
    await writeFile(inFolder('cut.m4a'), bytes.subarray(0, bytes.length - 20_000));
    const attempt = remux({ picture: welcome, audio: [inFolder('cut.m4a')], arrangement: 'single', output });
    await expect(attempt).rejects.toMatchObject({
      code: 'MEDIA_INCOMPLETE',
      message: expect.stringContaining('cut.m4a'),
    });
    expect(await readFile(output, 'utf8')).toBe('old');
    expect((await readdir(inFolder('.'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('stops when aborted, also while it encodes', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const wav = await writeWav(inFolder('long.wav'), { hertz: 440, seconds: 120 });
    const output = inFolder('aborted.mp4');
    const work = remux({ picture: welcome, audio: [wav], arrangement: 'single', output, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(work).rejects.toBe(reason);
    expect((await readdir(inFolder('.'))).filter((name) => name.includes('aborted'))).toEqual([]);
  });

  it('names the input that can not be used', async () => {
    await expect(single(inFolder('none.mp3'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    await expect(single(fixture('image.jpg'))).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    await expect(single(left, { picture: right })).rejects.toThrow(/interview-right\.mp3 has no video track/);
    await expect(single(left, { durationMs: 0 })).rejects.toThrow(RangeError);
    const noAudio = remux({ picture: welcome, audio: [left], arrangement: 'left_right', output: inFolder('out.mp4') });
    await expect(noAudio).rejects.toThrow(RangeError);
  });

  it('writes a large file without holding it in memory', async () => {
    const media = await openMedia(fixture('index-last.mp4'));
    const picture = await createPictureTrack(media, 7.5);
    await writeMp4(inFolder('large.mp4'), { picture, sounds: [], endSeconds: 7.5, inMemoryBytes: 0 });
    media.close();
    expectLength(await verifyVideo(inFolder('large.mp4')), 7500);
    const bytes = await readFile(inFolder('large.mp4'));
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  });
});

describe('remux of two voices', () => {
  function pair(audio: [string, string], arrangement: Arrangement, durationMs?: number) {
    const length = durationMs === undefined ? {} : { durationMs };
    return remux({ picture: demo('interview.mp4'), audio, arrangement, output: inFolder('pair.mp4'), ...length });
  }

  it.each(['left_right', 'right_left'] as const)('puts MP3s one after the other: %s', async (arrangement) => {
    const facts = await pair([left, right], arrangement);
    expect(facts.audio?.codec).toBe('mp3');
    expectLength(facts, 3344 + 3631);
  });

  it('puts M4As one after the other', async () => {
    const facts = await pair([demo('audio/de/product.m4a'), demo('audio/fr/product.m4a')], 'left_right');
    expect(facts.audio?.codec).toBe('aac');
    expectLength(facts, 14_900);
  });

  it('encodes voices of different formats as one track', async () => {
    const wav = await writeWav(inFolder('left.wav'), { hertz: 440, seconds: 1.5, sampleRate: 22_050 });
    const facts = await pair([wav, right], 'left_right');
    expect(facts.audio).toMatchObject({ codec: 'aac', channels: 1, sampleRate: 44_100 });
    expectLength(facts, 1500 + 3631);
  });

  it('mixes MP3s that speak at once, as long as the longer one', async () => {
    const facts = await pair([left, right], 'meanwhile');
    expect(facts.audio?.codec).toBe('aac');
    expectLength(facts, 3631);
  });

  it('cuts a mix and a sequence at the wanted length', async () => {
    expectLength(await pair([left, right], 'meanwhile', 2000), 2000);
    expectLength(await pair([left, right], 'left_right', 4000), 4000);
  });

  it('keeps two tracks, the longer first, where AAC would have to be mixed', async () => {
    const facts = await pair([left, demo('audio/de/product.m4a')], 'meanwhile');
    expectLength(facts, 7400);
    expect(facts.audio?.codec).toBe('aac');
    const codecs = await withMedia(inFolder('pair.mp4'), undefined, ({ input }) => input.getMimeType());
    expect(codecs).toContain('mp3');
    expect(facts).toMatchObject({ unmixed: [demo('audio/de/product.m4a')] });
    expect(await pair([left, right], 'meanwhile')).toMatchObject({ unmixed: [] });
  });
});
