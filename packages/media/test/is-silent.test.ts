import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSilentFrame } from '../src/aac-frame.js';
import { isSilent } from '../src/index.js';
import { demo, fixture, useFolder } from './media-files.js';
import { writeWav } from './wav-file.js';

const inFolder = useFolder();

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

it('reads any bytes as an AAC frame without failing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect([true, false, null]).toContain(isSilentFrame(bytes));
    }),
  );
});

it('says that it cannot tell what it cannot read', async () => {
  expect(await isSilent(fixture('opus.ogg'))).toBeNull();
});

it('throws what is wrong with a file', async () => {
  await expect(isSilent(inFolder('none.wav'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
});
