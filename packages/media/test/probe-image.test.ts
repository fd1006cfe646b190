import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { probeImage } from '../src/index.js';
import { demo, fixture, useFolder } from './media-files.js';

const inFolder = useFolder();

describe('probeImage', () => {
  it('tells format and size by content', async () => {
    expect(await probeImage(demo('welcome-mask.png'))).toEqual({ format: 'png', width: 1280, height: 720 });
    expect(await probeImage(fixture('image.jpg'))).toEqual({ format: 'jpeg', width: 48, height: 32 });
    expect(await probeImage(fixture('image.gif'))).toEqual({ format: 'gif', width: 48, height: 32 });
    expect(await probeImage(fixture('image.webp'))).toEqual({ format: 'webp', width: 48, height: 32 });
  });

  it('says what is wrong', async () => {
    await writeFile(inFolder('empty.png'), '');
    await writeFile(inFolder('text.png'), 'no image at all');
    await writeFile(inFolder('drawing.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"></svg>');
    await writeFile(inFolder('short.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
    await expect(probeImage(inFolder('none.png'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    await expect(probeImage(inFolder('empty.png'))).rejects.toMatchObject({ code: 'MEDIA_EMPTY' });
    await expect(probeImage(inFolder('text.png'))).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    await expect(probeImage(inFolder('short.png'))).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    await expect(probeImage(inFolder('drawing.png'))).rejects.toThrow(/is a svg image/);
    await expect(probeImage(demo('welcome.mp4'))).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  });
});
