import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { EncodedPacketSink, type InputTrack } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { holdsEveryFrame } from '../src/flac-walk.js';
import { probe } from '../src/index.js';
import { bytesOf } from '../src/local-file.js';
import { mediaOf, openMedia } from '../src/open-media.js';
import { packetsOf } from '../src/packets-of.js';
import { holdsLouder } from '../src/pcm-samples.js';
import { flacOf } from './flac-file.js';
import { demo, fixture } from './media-files.js';

const VIDEOS = [demo('safety.mp4'), ...['index-last.mp4', 'fragments.mp4', 'late-clock.mkv', 'live.webm'].map(fixture)];
const VOICES = [
  demo('audio/de/safety.mp3'),
  ...['tone.flac', 'opus.ogg', 'silent-vorbis.ogg', 'high-tone.m4a', 'tone.aac'].map(fixture),
];

async function withTracks<T>(path: string, use: (tracks: readonly InputTrack[]) => Promise<T>): Promise<T> {
  const media = await openMedia(path);
  try {
    return await use(await media.input.getTracks());
  } finally {
    media.close();
  }
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('packetsOf', () => {
  it.each([...VIDEOS, ...VOICES])('gives what the demuxer gives ahead of time: %s', async (path) => {
    await withTracks(path, async (tracks) => {
      expect(tracks.length).toBeGreaterThan(0);
      for (const track of tracks) {
        const own = await allOf(packetsOf(track));
        const ahead = await allOf(new EncodedPacketSink(track).packets());
        expect(own).toEqual(ahead);
        expect(own.length).toBeGreaterThan(0);
      }
    });
  });
});

it.each(VIDEOS)('tells the frame rate that the demuxer tells: %s', async (path) => {
  const rate = await withTracks(path, async (tracks) => {
    const stats = await tracks.find((track) => track.isVideoTrack())?.computePacketStats(100, { metadataOnly: true });
    return stats?.averagePacketRate ?? 0;
  });
  expect((await probe(path)).video?.frameRate).toBe(Math.round(rate * 1000) / 1000);
});

describe('holdsEveryFrame', () => {
  it('believes whole files alone, of any length', async () => {
    for (const name of ['tone.flac', 'silent-flac.flac']) {
      expect(await holdsEveryFrame(bytesOf(await readFile(fixture(name)), name)), name).toBe(true);
    }
    const long = flacOf({ frames: 70_000 });
    expect(await holdsEveryFrame(bytesOf(long, 'long.flac'))).toBe(true);
    expect(await holdsEveryFrame(bytesOf(long.subarray(0, -20), 'long.flac'))).toBe(false);
    for (const path of [...VIDEOS, demo('audio/de/safety.mp3')]) {
      expect(await holdsEveryFrame(bytesOf(await readFile(path), path)), path).toBe(false);
    }
  });

  it('believes no file that the demuxer finds shorter than its header promises', async () => {
    const wholes = { tone: await readFile(fixture('tone.flac')), constant: flacOf({ frames: 300 }) };
    const damage = fc.record({
      of: fc.constantFrom<keyof typeof wholes>('tone', 'constant'),
      at: fc.double({ min: 0.02, max: 1, noNaN: true }),
      bytes: fc.integer({ min: 0, max: 2_000 }),
      kind: fc.constantFrom('cut', 'left out', 'never written', 'put in'),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ of, at, bytes, kind }) => {
        const whole = wholes[of];
        const from = Math.floor(whole.length * at);
        const until = kind === 'cut' ? whole.length : Math.min(whole.length, from + bytes);
        const middle = kind === 'never written' ? Buffer.alloc(until - from) : Buffer.alloc(0);
        const end = kind === 'put in' ? [Buffer.alloc(bytes, 0x55), whole.subarray(from)] : [whole.subarray(until)];
        const content = Buffer.concat([whole.subarray(0, from), middle, ...end]);
        if (!(await holdsEveryFrame(bytesOf(content, 'damaged.flac')))) return;
        const [promised, found] = await lengths(content);
        // A frame is as long as 0.11 s; what is missing of the last one alone is not looked for.
        expect(promised - found).toBeLessThan(0.12);
      }),
      { numRuns: 300 },
    );
  });
});

/** Seconds that the header of a FLAC promises, and that the demuxer finds. */
async function lengths(content: Buffer): Promise<[promised: number, found: number]> {
  const { input, close } = mediaOf(bytesOf(content, 'damaged.flac'));
  const promised = await input.getDurationFromMetadata();
  const found = await input.computeDuration(undefined, { metadataOnly: true });
  close();
  return [promised ?? 0, found];
}

it.each([
  ['pcm-s16', 2, (data: Buffer, value: number) => data.writeInt16LE(Math.trunc(value * 2 ** 15))],
  ['pcm-s24', 3, (data: Buffer, value: number) => data.writeIntLE(Math.trunc(value * 2 ** 23), 0, 3)],
  ['pcm-s32', 4, (data: Buffer, value: number) => data.writeInt32LE(Math.trunc(value * 2 ** 31))],
  ['pcm-f32', 4, (data: Buffer, value: number) => data.writeFloatLE(value)],
] as const)('hears in %s what is louder, and nothing else', (codec, bytes, write) => {
  const holds = (value: number) => {
    const data = Buffer.alloc(8 * bytes);
    write(data.subarray(5 * bytes), value);
    return holdsLouder(data, codec, 0.001);
  };
  expect([0, 0.00099, -0.00099, 0.00104, -0.00104, 0.9, -1].map(holds)).toEqual([
    ...[false, false, false],
    ...[true, true, true, true],
  ]);
  expect(holdsLouder(Buffer.alloc(64, 0x55), 'pcm-u8', 0.001)).toBeNull();
});
