import { expect, it } from 'vitest';
import { isSilent } from '../src/index.js';
import { demo, useFolder } from './media-files.js';
import { writeWav } from './wav-file.js';

const inFolder = useFolder();

it('hears a tone, a voice in an MP3, and nothing in silence', async () => {
  expect(await isSilent(await writeWav(inFolder('tone.wav'), { hertz: 440, seconds: 2 }))).toBe(false);
  expect(await isSilent(demo('audio/de/safety.mp3'))).toBe(false);
  expect(await isSilent(await writeWav(inFolder('silence.wav'), { hertz: 0, seconds: 2, channels: 2 }))).toBe(true);
});

it('says that it cannot tell what it cannot decode', async () => {
  expect(await isSilent(demo('audio/ja/product.m4a'))).toBeNull();
});

it('throws what is wrong with a file', async () => {
  await expect(isSilent(inFolder('none.wav'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
});
