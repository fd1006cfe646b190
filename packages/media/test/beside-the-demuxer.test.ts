import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { EncodedPacketSink, type InputTrack } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { holdsEveryFrame } from '../src/flac-walk.js';
import { probe } from '../src/index.js';
import { box } from '../src/isobmff/boxes.js';
import { frameRateIn } from '../src/isobmff/frame-rate.js';
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

describe('frameRateIn', () => {
  const told = (content: Buffer) => frameRateIn(content, 100);

  it.each([demo('safety.mp4'), ...['index-last.mp4', 'two-sounds.mp4', 'quicktime.mov', 'late-ac3.mp4'].map(fixture)])(
    'tells of an index what the packets tell: %s',
    async (path) => {
      const rate = await withTracks(path, async (tracks) => {
        const stats = await tracks
          .find((track) => track.isVideoTrack())
          ?.computePacketStats(100, { metadataOnly: true });
        return stats?.averagePacketRate ?? 0;
      });
      expect(told(await readFile(path))).toBeCloseTo(rate, 6);
    },
  );

  it.each(['fragments.mp4', 'high-tone.m4a', 'vp9.webm'])('leaves %s to its packets', async (name) => {
    expect(told(await readFile(fixture(name)))).toBeNull();
  });

  it('counts what is shown before the last of them ends, in whatever order pictures are decoded', async () => {
    const pictures = fc.record({
      lasts: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 40 }),
      order: fc.array(fc.nat(5), { minLength: 40, maxLength: 40 }),
      least: fc.integer({ min: 1, max: 45 }),
    });
    fc.assert(
      fc.property(pictures, ({ lasts, order, least }) => {
        const starts = lasts.map((_, index) => lasts.slice(0, index).reduce((sum, each) => sum + each, 0));
        // Each is decoded somewhat later than its turn.
        const decoded = starts.map((start, index) => ({ start, turn: index + (order[index] ?? 0) }));
        decoded.sort((a, b) => a.turn - b.turn);
        const shown = decoded.map(({ start }) => start);
        let [counted, latest] = [0, -1];
        const end = () => starts.find((start) => start > latest) ?? latest + (lasts[shown.indexOf(latest)] ?? 0);
        while (counted < shown.length && (counted < least || (shown[counted] ?? 0) < end())) {
          latest = Math.max(latest, shown[counted] ?? 0);
          counted += 1;
        }
        const first = Math.min(...shown.slice(0, counted));
        expect(frameRateIn(indexOf(lasts, shown), least)).toBeCloseTo((counted * 1000) / (end() - first), 6);
      }),
    );
  });

  it('never fails, whatever the damage', async () => {
    const whole = await readFile(fixture('index-last.mp4'));
    const from = whole.indexOf('moov');
    const damage = fc.array(fc.tuple(fc.integer({ min: from, max: whole.length - 1 }), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, (places) => {
        const content = Buffer.from(whole);
        for (const [at, value] of places) content[at] = value;
        const rate = told(content);
        expect(rate === null || Number.isFinite(rate)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** An index of pictures that are decoded one after the other, each for so long, and shown at other times. */
function indexOf(lasts: readonly number[], shown: readonly number[]): Buffer {
  const table = (type: string, values: readonly number[]) => {
    const content = Buffer.alloc(8 + values.length * 8);
    content.writeUInt32BE(values.length, 4);
    for (const [index, value] of values.entries()) {
      content.writeUInt32BE(1, 8 + index * 8);
      content.writeInt32BE(value, 12 + index * 8);
    }
    return box(type, content);
  };
  const turns = lasts.map((_, index) => lasts.slice(0, index).reduce((sum, each) => sum + each, 0));
  const delays = shown.map((time, index) => time - (turns[index] ?? 0));
  const mdhd = Buffer.alloc(24);
  mdhd.writeUInt32BE(1000, 12);
  const hdlr = Buffer.concat([Buffer.alloc(8), Buffer.from('vide'), Buffer.alloc(13)]);
  const stbl = box('stbl', table('stts', lasts), table('ctts', delays));
  return box('moov', box('trak', box('mdia', box('mdhd', mdhd), box('hdlr', hdlr), box('minf', stbl))));
}

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
