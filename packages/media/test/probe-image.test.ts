import { readFile, writeFile } from 'node:fs/promises';
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

  it.each([
    ['png', demo('welcome-mask.png')],
    ['jpg', fixture('image.jpg')],
    ['gif', fixture('image.gif')],
    ['webp', fixture('image.webp')],
  ])('takes no %s that was cut, wherever', async (ending, whole) => {
    const content = await readFile(whole);
    const path = inFolder(`cut.${ending}`);
    const lengths = [6, 10, 14, 24, 64, Math.floor(content.length / 2), content.length - 1];
    for (const length of lengths.filter((each) => each < content.length)) {
      await writeFile(path, content.subarray(0, length));
      await expect(probeImage(path), `${length} bytes`).rejects.toMatchObject({
        code: expect.stringMatching(/^MEDIA_(INCOMPLETE|UNREADABLE)$/),
      });
    }
    // What lies behind the end does not matter.
    await writeFile(path, Buffer.concat([content, Buffer.from('more')]));
    await expect(probeImage(path)).resolves.toMatchObject({ width: expect.any(Number) });
  });

  it('takes no GIF that has a head alone, nor one without a size', async () => {
    await writeFile(inFolder('head.gif'), 'GIF89a');
    await writeFile(inFolder('flat.gif'), Buffer.from('47494638396100000500000000', 'hex'));
    await writeFile(inFolder('bare.gif'), Buffer.from('474946383961050005000000003b', 'hex'));
    for (const name of ['head.gif', 'flat.gif', 'bare.gif']) {
      await expect(probeImage(inFolder(name)), name).rejects.toThrow(/image without a size|is cut|is not a JPEG/);
    }
  });
});
