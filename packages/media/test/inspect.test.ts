import { readFileSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { checkContainerEnd } from '../src/container-end.js';
import { inspect } from '../src/index.js';
import { bytesOf } from '../src/local-file.js';
import { demo, fixture, useFolder } from './media-files.js';
import { countedMp3 } from './mp3-file.js';
import { writeWav } from './wav-file.js';

const inFolder = useFolder();

/** The head of a file, under the same name. */
async function cut(source: string, part: number): Promise<string> {
  const content = await readFile(source);
  const path = inFolder(`cut-${part}-${source.replace(/^.*\//, '')}`);
  await writeFile(path, content.subarray(0, Math.floor(content.length * part)));
  return path;
}

const opusPages = oggPages(readFileSync(fixture('opus.ogg')));

function oggPages(content: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = 0; at !== -1; at = content.indexOf('OggS', at + 1)) starts.push(at);
  return starts.map((start, page) => content.subarray(start, starts[page + 1]));
}

/** A stream of another number, with its third page so many times. */
function oggOf(pages: readonly Buffer[], { number, times }: { number: number; times: number }): Buffer {
  const repeated = pages.flatMap((page, place) => Array<Buffer>(place === 2 ? times : 1).fill(page));
  const counted = repeated.map((page, place) => {
    const own = Buffer.from(page);
    own.writeUInt32LE(number, 14);
    own.writeUInt32LE(place, 18);
    return own;
  });
  return Buffer.concat(counted);
}

describe('inspect', () => {
  it.each(['low-tone.mp3', 'tone.flac', 'opus.ogg', 'silent-vorbis.ogg', 'high-tone.m4a', 'late-opus-surround.webm'])(
    'takes %s whole, and refuses it cut',
    async (name) => {
      expect(await inspect(fixture(name), { as: 'audio' })).toMatchObject({ silent: name.startsWith('silent') });
      for (const part of [0.5, 0.75]) {
        const cutting = inspect(await cut(fixture(name), part), { as: 'audio' });
        await expect(cutting, `${part} of it`).rejects.toMatchObject({ code: 'MEDIA_INCOMPLETE' });
      }
    },
  );

  it('believes an MP3 that says how long it is, where nothing in it speaks against that', async () => {
    const whole = await readFile(demo('audio/de/safety.mp3'));
    const name = whole.toString('latin1').search(/Xing|Info/);
    const changed = async (change: (content: Buffer) => Buffer) => {
      await writeFile(inFolder('changed.mp3'), change(Buffer.from(whole)));
      return inspect(inFolder('changed.mp3'), { as: 'audio' });
    };
    const { durationMs } = await inspect(demo('audio/de/safety.mp3'), { as: 'audio' });
    // Without its count of bytes, it is followed frame by frame.
    const followed = await changed((content) => content.fill(1, name + 7, name + 8));
    expect(followed.durationMs).toBe(durationMs);
    const tagged = await changed((content) => Buffer.concat([content, Buffer.from('TAG'.padEnd(128, ' '))]));
    expect(tagged.durationMs).toBe(durationMs);
    const twice = await changed((content) => Buffer.concat([content, content]));
    expect(twice.durationMs).toBeGreaterThan(1.9 * durationMs);
    // Room that was taken for bytes which never came.
    const hollow = changed((content) => content.fill(0, content.length / 2));
    await expect(hollow).rejects.toMatchObject({ code: 'MEDIA_INCOMPLETE' });
  });

  it.each([
    ['constant', () => Array<number>(300).fill(64)],
    ['varying', () => Array.from({ length: 300 }, (_, at) => [32, 64, 128, 320][Math.floor(at / 7) % 4]!)],
  ])('measures an MP3 of %s bitrate whose header counts its bytes and other frames', async (_kind, kilobits) => {
    const path = inFolder('counted.mp3');
    const measured = async (counted: number) => {
      await writeFile(path, countedMp3(kilobits(), counted));
      return (await inspect(path, { as: 'audio' })).durationMs;
    };
    const truly = await measured(300);
    expect(truly).toBe(Math.round((300 * 1152 * 1000) / 44_100));
    for (const lie of [30, 200, 3_000]) expect(Math.abs((await measured(lie)) - truly)).toBeLessThan(30);
    // The end is missing, and the header says nothing else of the rest.
    await writeFile(path, countedMp3(kilobits(), 300).subarray(0, -30_000));
    await expect(inspect(path, { as: 'audio' })).rejects.toMatchObject({ code: 'MEDIA_INCOMPLETE' });
  });

  it('refuses a FLAC without a first frame, which its demuxer would search for ever', async () => {
    const whole = await readFile(fixture('tone.flac'));
    const firstFrame = whole.indexOf(Buffer.from([0xff, 0xf8]));
    for (const content of [whole.subarray(0, firstFrame), Buffer.from(whole).fill(0, firstFrame, firstFrame + 9)]) {
      await writeFile(inFolder('header.flac'), content);
      const looking = inspect(inFolder('header.flac'), { as: 'audio' });
      await expect(looking).rejects.toMatchObject({
        code: 'MEDIA_INCOMPLETE',
        message: expect.stringMatching(/header\.flac is incomplete: no sound follows its header$/),
      });
    }
  });

  it('refuses an Ogg that was cut between two pages', async () => {
    const whole = await readFile(fixture('opus.ogg'));
    await writeFile(inFolder('pages.ogg'), whole.subarray(0, whole.lastIndexOf('OggS')));
    await expect(inspect(inFolder('pages.ogg'), { as: 'audio' })).rejects.toThrow(
      /incomplete: no page of it says that it is the last one; .*ffmpeg -i in\.ogg -c copy out\.ogg$/,
    );
  });

  it.each([
    ['of another stream', 1, 1],
    ['of a stream with the same number', 0, 1],
    ['that is large', 1, 400],
    ['that is large, of a stream with the same number', 0, 400],
  ])('refuses an Ogg that is followed by one %s', async (_which, stream, times) => {
    const [first, then] = [0, stream].map((number) => oggOf(opusPages, { number, times }));
    await writeFile(inFolder('chained.ogg'), Buffer.concat([first!, then!]));
    const message = expect.stringMatching(/several Ogg files one after the other, .*; ffmpeg -i in\.ogg -vn out\.wav$/);
    const looking = inspect(inFolder('chained.ogg'), { as: 'audio' });
    await expect(looking).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE', message });
  });

  it('takes an Ogg of any size that is one', async () => {
    for (const times of [1, 400]) {
      await expect(checkContainerEnd(bytesOf(oggOf(opusPages, { number: 7, times }), 'one.ogg'))).resolves.toBe(
        undefined,
      );
    }
  });

  it('refuses MPEG audio that is no MP3, whatever its name', async () => {
    const wrong = {
      code: 'MEDIA_UNREADABLE',
      message: expect.stringMatching(/Layer II \(MP2\), not MP3; ffmpeg .*\.wav$/),
    };
    await copyFile(fixture('layer-two.mp2'), inFolder('named.mp3'));
    for (const path of [fixture('layer-two.mp2'), inFolder('named.mp3')]) {
      await expect(inspect(path, { as: 'audio' })).rejects.toMatchObject(wrong);
    }
  });

  it('refuses a cut voice in an M4A with its index first, which tells of all of it', async () => {
    await expect(inspect(await cut(demo('audio/ja/product.m4a'), 0.6), { as: 'audio' })).rejects.toMatchObject({
      code: 'MEDIA_INCOMPLETE',
    });
  });

  it('says how much of an MP3 is there, and what gives one that was cut on purpose a true header', async () => {
    const path = await cut(demo('audio/de/welcome.mp3'), 0.4);
    await expect(inspect(path, { as: 'audio' })).rejects.toThrow(
      /cut off: its header promises \d\.\d s, and it holds \d\.\d s; .*ffmpeg -i in\.mp3 -c copy out\.mp3/,
    );
  });

  it('refuses a cut WAV, but not one whose size nobody knew when it was begun', async () => {
    const whole = await writeWav(inFolder('whole.wav'), { hertz: 440, seconds: 2 });
    const content = (await readFile(whole)).subarray(0, 100_000);
    await writeFile(inFolder('cut.wav'), content);
    await expect(inspect(inFolder('cut.wav'), { as: 'audio' })).rejects.toThrow(/at least 176444 bytes and has 100000/);
    for (const unknown of [0xffff_ffff, 0x7fff_f000]) {
      content.writeUInt32LE(0xffff_ffff, 4);
      content.writeUInt32LE(unknown, 40);
      await writeFile(inFolder('streamed.wav'), content);
      const streamed = await inspect(inFolder('streamed.wav'), { as: 'audio' });
      expect(streamed, unknown.toString(16)).toMatchObject({ durationMs: 1133, silent: false });
    }
    content.writeUInt32LE(0, 40);
    await writeFile(inFolder('unfinished.wav'), content);
    await expect(inspect(inFolder('unfinished.wav'), { as: 'audio' })).rejects.toThrow(
      'its header says 0 bytes; ffmpeg -i in.wav -c copy out.wav writes a true one',
    );
  });

  it('refuses a cut video, and takes a video without a picture for what it is', async () => {
    await expect(inspect(await cut(fixture('quicktime.mov'), 0.9), { as: 'video' })).rejects.toMatchObject({
      code: 'MEDIA_INCOMPLETE',
    });
    expect(await inspect(demo('welcome.mp4'), { as: 'video' })).toMatchObject({ video: { width: 1280 } });
    expect(await inspect(fixture('high-tone.m4a'), { as: 'video' })).toMatchObject({ video: null });
  });

  it.each([
    ['foreign.avi', /is an AVI file, .*; ffmpeg -i in\.avi .*out\.mp4$/],
    ['bare.h264', /is H\.264 or H\.265 without a container, .*; ffmpeg -i in\.h264 .*out\.mp4$/],
    ['foreign.flv', /is a Flash video \(FLV\), .*; ffmpeg -i in\.flv .*out\.mp4$/],
    ['foreign.aiff', /is an AIFF file, .*; ffmpeg -i in\.aiff -vn out\.wav$/],
    ['foreign.wma', /is a Windows Media file, .*; ffmpeg -i in\.wma -vn out\.wav$/],
    ['foreign-adpcm.wav', /is a WAV file without plain samples .*; ffmpeg -i in\.wav -vn out\.wav$/],
    ['foreign-flac.ogg', /is FLAC in Ogg, .*; ffmpeg -i in\.ogg -vn out\.wav$/],
    ['foreign.ac3', /is AC-3 without a container, .*; ffmpeg -i in\.ac3 -vn out\.wav$/],
    ['image.jpg', /is a picture, which is neither audio nor video$/],
  ])('names what it cannot read, and the command that mends it: %s', async (name, message) => {
    const looking = inspect(fixture(name), { as: 'audio' });
    await expect(looking).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE', message: expect.stringMatching(message) });
  });

  it('hears the same in any order of files as in each of them alone', async () => {
    const said = vi.spyOn(console, 'error');
    const names = ['silent-mp3.mp3', 'late-mp3.mp3', 'low-tone.mp3', 'silent-opus.webm', 'opus.ogg', 'silent-opus.mp4'];
    const voices = [...names.map(fixture), demo('audio/de/safety.mp3')];
    for (const first of voices) {
      for (const then of voices) {
        await inspect(first, { as: 'audio' });
        const { silent } = await inspect(then, { as: 'audio' });
        expect(silent, `${then} after ${first}`).toBe(then.includes('silent'));
      }
    }
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });
});
