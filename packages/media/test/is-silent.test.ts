import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { EncodedPacketSink } from 'mediabunny';
import { expect, it, vi } from 'vitest';
import { isSilentFrame } from '../src/aac-frame.js';
import { decodeSound } from '../src/decode/decoded-sound.js';
import { firstSample } from '../src/flac-frame.js';
import { inspect } from '../src/index.js';
import { openMedia } from '../src/open-media.js';
import { demo, fixture, useFolder } from './media-files.js';
import { writeWav } from './wav-file.js';

const inFolder = useFolder();

async function isSilent(source: string, options: { signal?: AbortSignal } = {}): Promise<boolean | null | undefined> {
  return (await inspect(source, { ...options, as: 'audio' })).silent;
}

it('hears a tone, a voice in an MP3, and nothing in silence', async () => {
  expect(await isSilent(await writeWav(inFolder('tone.wav'), { hertz: 440, seconds: 2 }))).toBe(false);
  expect(await isSilent(demo('audio/de/safety.mp3'))).toBe(false);
  expect(await isSilent(await writeWav(inFolder('silence.wav'), { hertz: 0, seconds: 2, channels: 2 }))).toBe(true);
});

it('tells silence from sound in AAC, in any channel and at any time, in both of its forms', async () => {
  expect(await isSilent(fixture('silent-surround.m4a'))).toBe(true);
  expect(await isSilent(fixture('silent.aac'))).toBe(true);
  expect(await isSilent(fixture('late-right.m4a'))).toBe(false);
  expect(await isSilent(fixture('tone.aac'))).toBe(false);
  expect(await isSilent(demo('audio/ja/product.m4a'))).toBe(false);
});

it('reads from the beginning of a FLAC frame what a decoder makes of it', async () => {
  const media = await openMedia(fixture('tone.flac'));
  const track = await media.input.getPrimaryAudioTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new Error('no track');
  const decoded: (number | undefined)[] = [];
  for await (const sample of decodeSound(track, { codec: 'flac', config, strict: true })) {
    const values = new Float32Array(sample.numberOfFrames * sample.numberOfChannels);
    sample.copyTo(values, { planeIndex: 0, format: 'f32' });
    decoded.push(values[0]);
    sample.close();
  }
  const read: (number | null)[] = [];
  for await (const { data } of new EncodedPacketSink(track).packets()) read.push(firstSample(data));
  media.close();
  expect(read.length).toBeGreaterThan(10);
  read.forEach((value, frame) => {
    expect(value, `frame ${frame}`).toBeCloseTo(decoded[frame] ?? Number.NaN, 4);
  });
});

it('reads any bytes as a FLAC frame without failing', () => {
  const bytes = fc.uint8Array({ maxLength: 32 }).map((rest) => Uint8Array.from([0xff, 0xf8, ...rest]));
  fc.assert(
    fc.property(bytes, (frame) => {
      expect(Math.abs(firstSample(frame) ?? 0)).toBeLessThanOrEqual(1);
    }),
  );
});

it('reads any bytes as an AAC frame without failing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect([true, false, null]).toContain(isSilentFrame(bytes));
    }),
  );
});

it.each([
  'silent-mp3.mp3',
  'silent-opus.webm',
  'silent-opus.mp4',
  'silent-opus-surround.webm',
  'silent-vorbis.ogg',
  'silent-vorbis.webm',
  'silent-flac.flac',
  'silent-flac.mp4',
  'silent-ac3.mp4',
  'silent-eac3.mov',
  'silent-pcm_s24be.mov',
])('hears nothing in %s', async (name) => {
  expect(await isSilent(fixture(name))).toBe(true);
});

it.each([
  'late-mp3.mp3',
  'late-opus.ogg',
  'late-opus-surround.webm',
  'late-vorbis.webm',
  'late-flac.mp4',
  'late-ac3.mp4',
  'late-eac3.mov',
  'late-pcm_s24be.mov',
])('hears the last quarter of a second in %s', async (name) => {
  expect(await isSilent(fixture(name))).toBe(false);
});

it('claims nothing of silence with a packet in it that cannot be decoded', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const content = await readFile(fixture('silent-opus.webm'));
  const silence = Buffer.from('f8fffe', 'hex');
  expect(content.includes(silence)).toBe(true);
  // A packet of 63 frames, where 48 are the most.
  Buffer.from('fbffff', 'hex').copy(content, content.lastIndexOf(silence));
  await writeFile(inFolder('damaged.webm'), content);
  expect(await isSilent(inFolder('damaged.webm'))).toBeNull();
  // The decoder's own words are for nobody who runs a batch.
  expect(said).not.toHaveBeenCalled();
  said.mockRestore();
});

it('stops listening when it is told to', async () => {
  const long = await writeWav(inFolder('long.wav'), { hertz: 0, seconds: 60 });
  const stop = new AbortController();
  const listening = isSilent(long, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(listening).rejects.toThrow('enough');
});

it('throws what is wrong with a file', async () => {
  await expect(isSilent(inFolder('none.wav'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
});
