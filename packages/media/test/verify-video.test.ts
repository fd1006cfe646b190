import { readFile, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { remux, verifyVideo } from '../src/index.js';
import { demo, fixture, useFolder } from './media-files.js';

const inFolder = useFolder();

describe('verifyVideo', () => {
  it.each(['welcome.mp4', 'interview.mp4'])('accepts the demo video %s', async (name) => {
    expect(await verifyVideo(demo(name))).toMatchObject({ container: 'mp4', video: { width: 1280, height: 720 } });
  });

  it.each([
    ['index-last.mp4', 'mp4'],
    ['fragments.mp4', 'mp4'],
    ['quicktime.mov', 'mov'],
    ['vp9.webm', 'webm'],
    ['live.webm', 'webm'],
  ])('accepts %s', async (name, container) => {
    expect(await verifyVideo(fixture(name))).toMatchObject({ container, video: { width: 160, height: 90 } });
  });

  const whole = ['index-last.mp4', 'fragments.mp4', 'quicktime.mov', 'vp9.webm', 'live.webm'].map(fixture);
  it.each([demo('welcome.mp4'), ...whole])('refuses %s cut anywhere', async (source) => {
    const bytes = await readFile(source);
    const path = inFolder('cut.bin');
    const cuts = [16, 60, 300, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, bytes.length - 40, bytes.length - 1];
    for (const cut of cuts) {
      const length = cut < 1 ? Math.floor(bytes.length * cut) : cut;
      await writeFile(path, bytes.subarray(0, length));
      const outcome = await verifyVideo(path).catch((error: unknown) => error);
      expect(outcome, `${length} of ${bytes.length} bytes`).toMatchObject({ code: 'MEDIA_INCOMPLETE' });
    }
  });

  it('refuses an index that points past the end of a file whose parts are whole', async () => {
    await remux({
      picture: demo('welcome.mp4'),
      audio: [demo('audio/de/welcome.mp3')],
      arrangement: 'single',
      output: inFolder('short-data.mp4'),
    });
    const bytes = await readFile(inFolder('short-data.mp4'));
    const mdat = bytes.indexOf('mdat') - 4;
    const end = bytes.length - 3000;
    bytes.writeUInt32BE(end - mdat, mdat);
    await writeFile(inFolder('short-data.mp4'), bytes.subarray(0, end));
    await expect(verifyVideo(inFolder('short-data.mp4'))).rejects.toMatchObject({ code: 'MEDIA_INCOMPLETE' });
  });

  it('refuses space that was set aside and never written', async () => {
    const bytes = await readFile(fixture('index-last.mp4'));
    await writeFile(inFolder('set-aside.mp4'), bytes.subarray(0, bytes.indexOf('moov') - 4));
    await truncate(inFolder('set-aside.mp4'), bytes.length);
    await expect(verifyVideo(inFolder('set-aside.mp4'))).rejects.toMatchObject({ code: 'MEDIA_INCOMPLETE' });
  });

  it.each([
    ['a web page', '\n<!DOCTYPE html><html><body>503 Service Unavailable</body></html>', /web page/],
    ['an XML error', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /web page or XML/],
    ['a JSON error', '{"detail":"not found"}', /JSON/],
    ['a text', 'upstream connect error', /can't be read/],
  ])('refuses %s that was saved as .mp4', async (_, content, message) => {
    await writeFile(inFolder('page.mp4'), content);
    const outcome = await verifyVideo(inFolder('page.mp4')).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'MEDIA_UNREADABLE', message: expect.stringMatching(message) });
  });

  it('refuses what holds no video', async () => {
    await writeFile(inFolder('empty.mp4'), '');
    await expect(verifyVideo(inFolder('empty.mp4'))).rejects.toMatchObject({ code: 'MEDIA_EMPTY' });
    await expect(verifyVideo(inFolder('missing.mp4'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    await expect(verifyVideo(demo('audio/de/product.m4a'))).rejects.toThrow(/has no video track/);
    await expect(verifyVideo(demo('audio/de/welcome.mp3'))).rejects.toThrow(/has no video track/);
  });
});
