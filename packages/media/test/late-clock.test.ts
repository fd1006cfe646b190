import { readFile, writeFile } from 'node:fs/promises';
import { EncodedPacketSink } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { isSilentFrame } from '../src/aac-frame.js';
import { finishVideo, inspect, probe, remux, verifyVideo } from '../src/index.js';
import { openMedia } from '../src/open-media.js';
import { demo, fixture, useFolder } from './media-files.js';

const inFolder = useFolder();

/** Seconds at which the first audio packet of a file is heard. */
async function soundBegins(path: string): Promise<number> {
  const media = await openMedia(path);
  try {
    return Math.max(0, await (await media.input.getPrimaryAudioTrack())!.getFirstTimestamp());
  } finally {
    media.close();
  }
}

/** Seconds at which the AAC of a file is not silent any more. */
async function firstHeard(path: string): Promise<number> {
  const media = await openMedia(path);
  try {
    const sink = new EncodedPacketSink((await media.input.getPrimaryAudioTrack())!);
    for await (const { data, timestamp } of sink.packets()) if (isSilentFrame(data) === false) return timestamp;
    return Number.POSITIVE_INFINITY;
  } finally {
    media.close();
  }
}

const TS_PACKET_BYTES = 188;

/** A transport stream all of whose timestamps are so many ticks later, counted in 33 bits. */
function clockMoved(stream: Buffer, ticks: number): Buffer {
  const moved = Buffer.from(stream);
  for (let packet = 0; packet < moved.length; packet += TS_PACKET_BYTES) {
    const at = moved.indexOf(Buffer.from([0, 0, 1, 0xc0]), packet);
    if (at === -1 || at + 14 > packet + TS_PACKET_BYTES) continue;
    const [high, middle, low] = [moved.readUInt8(at + 9), moved.readUInt16BE(at + 10), moved.readUInt16BE(at + 12)];
    const pts = (((high >> 1) & 7) * 2 ** 30 + (middle >> 1) * 2 ** 15 + (low >> 1) + ticks) % 2 ** 33;
    moved.writeUInt8((high & 0xf1) | (Math.floor(pts / 2 ** 30) << 1), at + 9);
    moved.writeUInt16BE(((Math.floor(pts / 2 ** 15) % 2 ** 15) << 1) | 1, at + 10);
    moved.writeUInt16BE(((pts % 2 ** 15) << 1) | 1, at + 12);
  }
  return moved;
}

describe('a file whose clock does not begin at 0', () => {
  it.each([
    ['late-clock-aac.m2ts', 2043],
    ['late-clock-opus.ogg', 2006],
    ['late-clock-opus.webm', 2001],
  ])('%s is as long as its sound', async (name, durationMs) => {
    const facts = await inspect(fixture(name), { as: 'audio' });
    expect(facts).toMatchObject({ durationMs, audioDurationMs: durationMs, silent: false });
  });

  it('is as long as its pictures and its sound together', async () => {
    expect(await verifyVideo(fixture('late-clock.mkv'))).toMatchObject({ durationMs: 2023, videoDurationMs: 2023 });
    const late = { durationMs: 2009, videoDurationMs: 2000, audioDurationMs: 2009 };
    expect(await inspect(fixture('late-clock-late-sound.m2ts'), { as: 'video' })).toMatchObject(late);
  });

  it.each(['late-clock-aac.m2ts', 'late-clock-opus.ogg'])(
    'begins with the pictures that %s is laid over',
    async (name) => {
      const output = inFolder('over.mp4');
      const facts = await remux({
        picture: demo('welcome.mp4'),
        audio: [fixture(name)],
        arrangement: 'single',
        output,
      });
      expect(await soundBegins(output)).toBeLessThan(0.01);
      expect(facts.durationMs).toBeLessThan(2050);
      await finishVideo({
        picture: demo('welcome.mp4'),
        sound: { audio: [fixture(name)], arrangement: 'single' },
        tags: { title: 'Welcome', languageTag: 'de', languageCode: 'deu', trackName: 'Deutsch' },
        subtitles: null,
        output,
      });
      expect(await soundBegins(output)).toBeLessThan(0.01);
    },
  );

  it('is as long as it is where its clock of 33 bits begins anew inside', async () => {
    const path = inFolder('wrapped.ts');
    await writeFile(path, clockMoved(await readFile(fixture('late-clock-aac.m2ts')), 2 ** 33 - 2.4 * 90_000));
    const facts = await inspect(path, { as: 'audio' });
    expect(facts).toMatchObject({ durationMs: 2043, audioDurationMs: 2043, silent: false });
    const output = inFolder('over-wrapped.mp4');
    const made = await remux({ picture: demo('welcome.mp4'), audio: [path], arrangement: 'single', output });
    expect(made.durationMs).toBe(2043);
    expect(await soundBegins(output)).toBeLessThan(0.01);
  });

  it('follows another voice at once', async () => {
    const audio = [fixture('late-clock-opus.ogg'), fixture('late-clock-opus.ogg')];
    const output = inFolder('pair.mp4');
    const facts = await remux({ picture: demo('interview.mp4'), audio, arrangement: 'left_right', output });
    expect(Math.abs(facts.durationMs - 2 * 2006)).toBeLessThan(10);
  });

  it('gives pictures and sound that are kept their place', async () => {
    const tags = { title: 'Late', languageTag: 'de', languageCode: 'deu', trackName: 'Deutsch' };
    const output = inFolder('kept.mp4');
    await finishVideo({ picture: fixture('late-clock.mkv'), sound: null, tags, subtitles: null, output });
    expect((await probe(output)).durationMs).toBeLessThan(2050);
  });
});

describe('sound that begins after its picture', () => {
  const output = inFolder.bind(null, 'distance.mp4');

  it('keeps its distance when it is copied', async () => {
    const audio = [fixture('late-clock-late-sound.m2ts')];
    await remux({ picture: demo('welcome.mp4'), audio, arrangement: 'single', output: output() });
    expect(await soundBegins(output())).toBeCloseTo(0.477, 2);
  });

  it('keeps its distance when it is encoded', async () => {
    // A tone from 0.75 s of a sound that begins at 0.5 s.
    const audio = [fixture('late-sound.webm'), fixture('late-vorbis.webm')];
    await remux({ picture: demo('welcome.mp4'), audio, arrangement: 'left_right', output: output() });
    expect(Math.abs((await firstHeard(output())) - 1.25)).toBeLessThan(0.05);
  });
});
