import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { EncodedPacketSink } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { finishVideo, tagVideo, verifyVideo } from '../src/index.js';
import { type Box, box, boxesIn } from '../src/isobmff/boxes.js';
import { withMedia } from '../src/open-media.js';
import { keepPicture, keepSounds } from '../src/remux/kept-tracks.js';
import { withInputs } from '../src/remux/with-inputs.js';
import { writeMp4 } from '../src/remux/write-mp4.js';
import { demo, fixture, useFolder } from './media-files.js';

const inFolder = useFolder();
const tags = { title: 'Begrüßung 你好', languageCode: 'deu', languageTag: 'de-AT', trackName: 'de-AT' };

/** What players and tools see of a file: its tags, its tracks and every packet with its time. */
function seen(path: string) {
  return withMedia(path, undefined, async ({ input }) => {
    const tracks = [...(await input.getVideoTracks()), ...(await input.getAudioTracks())];
    return {
      tags: { title: (await input.getMetadataTags()).title },
      tracks: await Promise.all(
        tracks.map(async (track) => {
          const hash = createHash('sha256');
          for await (const { timestamp, data } of new EncodedPacketSink(track).packets()) {
            hash.update(`${Math.round(timestamp * 1000)} `).update(data);
          }
          return {
            type: track.type,
            codec: await track.getCodec(),
            language: await track.getLanguageCode(),
            name: await track.getName(),
            isDefault: (await track.getDisposition()).default,
            packets: hash.digest('hex'),
          };
        }),
      ),
    };
  });
}

/** The same by writing every packet into a new file. */
async function remuxed(picture: string, output: string): Promise<void> {
  await withInputs(async (open) => {
    const media = await open(picture);
    const plan = { picture: await keepPicture(media, 0), sounds: await keepSounds(media, 0), endSeconds: 10, tags };
    await writeMp4(output, plan);
  });
}

const tagged = async (path: string) => tagVideo({ name: path, content: await readFile(path) }, tags);

describe('setting tags', () => {
  it.each([
    ['an MP4 with its index last', fixture('index-last.mp4')],
    ['an MP4 with its index first and sounds in two languages', fixture('two-sounds.mp4')],
    ['a long MP4 of the demo', demo('welcome.mp4')],
    ['a file whose tags were set before', inFolder],
  ])('of %s gives what a new file of its packets shows', async (_kind, source) => {
    const path = typeof source === 'string' ? source : await taggedBefore();
    const content = await tagged(path);
    await writeFile(inFolder('tagged.mp4'), content ?? '');
    await remuxed(path, inFolder('remuxed.mp4'));
    expect(await seen(inFolder('tagged.mp4'))).toEqual(await seen(inFolder('remuxed.mp4')));
    const facts = await verifyVideo({ name: 'tagged.mp4', content: content ?? Buffer.alloc(0) });
    expect(facts).toEqual({ ...(await verifyVideo(inFolder('remuxed.mp4'))), bytes: content?.length });
  });

  async function taggedBefore(): Promise<string> {
    const options = { sound: null, subtitles: null, tags: { ...tags, title: 'Before' } };
    await finishVideo({ ...options, picture: fixture('two-sounds.mp4'), output: inFolder('before.mp4') });
    return inFolder('before.mp4');
  }

  it('names each handler where its name stands: after version, kind and 16 bytes that are kept', async () => {
    const content = (await tagged(fixture('two-sounds.mp4')))?.toString('latin1') ?? '';
    const names = content
      .split('hdlr\0\0\0\0\0\0\0\0')
      .slice(1)
      .map((rest) => rest.slice(16).split('\0', 1)[0]);
    expect(names.slice(0, 3)).toEqual(['VideoHandler', 'SoundHandler', 'SoundHandler']);
  });

  it('is the same in memory and from file to file, whose hash it tells', async () => {
    const picture = fixture('two-sounds.mp4');
    const output = inFolder('whole.mp4');
    const { sha256 } = await finishVideo({ picture, sound: null, subtitles: null, tags, output });
    const written = await readFile(output);
    expect(written.equals((await tagged(picture)) ?? Buffer.alloc(0))).toBe(true);
    expect(sha256).toBe(createHash('sha256').update(written).digest('hex'));
  });

  it('of a file larger than memory should hold copies it piece by piece', async () => {
    const small = await readFile(fixture('index-last.mp4'));
    const picture = inFolder('large.mp4');
    await writeFile(picture, Buffer.concat([small, box('free', Buffer.alloc(3 * 2 ** 20, 7))]));
    const output = inFolder('large.tagged.mp4');
    await finishVideo({ picture, sound: null, subtitles: null, tags, output });
    expect((await readFile(output)).equals((await tagged(picture)) ?? Buffer.alloc(0))).toBe(true);
    expect((await seen(output)).tags).toEqual({ title: tags.title });
  });

  it.each(['fragments.mp4', 'quicktime.mov', 'vp9.webm', 'chapters.mp4', 'high-tone.m4a', 'high-tone.mp3'])(
    'leaves %s to the writing of a new file',
    async (name) => {
      expect(await tagged(fixture(name))).toBeNull();
    },
  );

  it('keeps to a file that is made anew where subtitles of it must go', async () => {
    await writeFile(inFolder('de.vtt'), 'WEBVTT\n\n00:00.500 --> 00:01.000\nHallo\n');
    const picture = fixture('index-last.mp4');
    await finishVideo({ picture, sound: null, subtitles: inFolder('de.vtt'), tags, output: inFolder('subs.mp4') });
    expect(await tagged(inFolder('subs.mp4'))).toBeNull();
  });
});

interface Layout {
  readonly name: 'index-last.mp4' | 'two-sounds.mp4';
  readonly isIndexFirst: boolean;
  readonly hasWideOffsets: boolean;
  readonly hasWideData: boolean;
  readonly isDataOpen: boolean;
  /** Bytes of space before the data, between data and index, and inside the index. */
  readonly space: readonly number[];
  readonly title: string;
}

const layouts: fc.Arbitrary<Layout> = fc.record({
  name: fc.constantFrom('index-last.mp4', 'two-sounds.mp4'),
  isIndexFirst: fc.boolean(),
  hasWideOffsets: fc.boolean(),
  hasWideData: fc.boolean(),
  isDataOpen: fc.boolean(),
  space: fc.array(fc.nat(3000), { minLength: 3, maxLength: 3 }),
  title: fc.string({ unit: 'binary', maxLength: 300 }),
});

describe('by law, however a file is laid out', () => {
  it('every packet stays byte by byte, and the tags are the new ones', async () => {
    const originals = new Map<string, Awaited<ReturnType<typeof seen>>>();
    for (const name of ['index-last.mp4', 'two-sounds.mp4']) originals.set(name, await seen(fixture(name)));
    await fc.assert(
      fc.asyncProperty(layouts, async (layout) => {
        const content = laidOut(await readFile(fixture(layout.name)), layout);
        const after = await tagVideo({ name: 'a', content }, { ...tags, title: layout.title });
        await writeFile(inFolder('law.mp4'), after ?? '');
        const shown = await seen(inFolder('law.mp4'));
        expect(shown.tracks.map(({ packets }) => packets)).toEqual(
          originals.get(layout.name)?.tracks.map(({ packets }) => packets),
        );
        expect(new Set(shown.tracks.map(({ language, name }) => `${language} ${name}`))).toEqual(
          new Set(['deu de-AT']),
        );
        // All that is not the index is as it was.
        expect(dataOf(after ?? Buffer.alloc(0)).equals(dataOf(content))).toBe(true);
        expect((after ?? Buffer.alloc(0)).includes(Buffer.from(layout.title))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('a file with damage is left alone, or its tags are all that changes', async () => {
    const whole = await readFile(fixture('two-sounds.mp4'));
    const index = topLevel(whole).find(({ type }) => type === 'moov');
    const damage = fc.array(fc.tuple(fc.nat(index?.end ?? 0), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, async (places) => {
        const content = Buffer.from(whole);
        for (const [at, value] of places) content[at] = value;
        const after = await tagVideo({ name: 'a', content }, tags);
        if (after !== null) expect(dataOf(after).equals(dataOf(content))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

function topLevel(content: Buffer): Box[] {
  const boxes = boxesIn(content, 0, content.length);
  if (boxes === null) throw new Error('not a file of boxes');
  return boxes;
}

/** The contents of `mdat`, whatever its header looks like. */
function dataOf(content: Buffer): Buffer {
  const at = content.indexOf('mdat');
  const size = content.readUInt32BE(at - 4);
  const start = size === 1 ? at + 12 : at + 4;
  const bytes = size === 1 ? Number(content.readBigUInt64BE(at + 4)) : size || content.length - at + 4;
  return content.subarray(start, at - 4 + bytes);
}

/** The same tracks in another arrangement of the file. */
function laidOut(content: Buffer, layout: Layout): Buffer {
  const boxes = topLevel(content);
  const find = (type: string) => boxes.find((each) => each.type === type) ?? { at: 0, start: 0, end: 0 };
  const [ftyp, moov, mdat] = [find('ftyp'), find('moov'), find('mdat')];
  const data = content.subarray(mdat.start, mdat.end);
  const isOpen = layout.isDataOpen && layout.isIndexFirst;
  const index = (by: number) => rebuilt(content.subarray(moov.at, moov.end), layout, by) ?? Buffer.alloc(0);
  const [first = 0, second = 0] = layout.space;
  const space = [box('free', Buffer.alloc(first)), box('skip', Buffer.alloc(second))] as const;
  const head = headOf(data, layout.hasWideData, isOpen);
  const before = [
    content.subarray(ftyp.at, ftyp.end),
    space[0],
    ...(layout.isIndexFirst ? [index(0), space[1]] : []),
    head,
  ];
  const dataAt = before.reduce((sum, part) => sum + part.length, 0);
  const moved = index(dataAt - mdat.start);
  if (layout.isIndexFirst) before[2] = moved;
  return Buffer.concat([...before, data, ...(layout.isIndexFirst ? [] : [space[1], moved])]);
}

function headOf(data: Buffer, isWide: boolean, isOpen: boolean): Buffer {
  const head = Buffer.from('\0\0\0\0mdat', 'latin1');
  if (isOpen) return head;
  if (!isWide) {
    head.writeUInt32BE(data.length + 8);
    return head;
  }
  head.writeUInt32BE(1);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(data.length + 16));
  return Buffer.concat([head, size]);
}

/** An index with its chunks elsewhere, in wide numbers if wanted, and space in it. */
function rebuilt(content: Buffer, layout: Layout, by: number): Buffer | null {
  const [whole] = topLevel(content);
  return whole === undefined ? null : rebuiltBox(content, whole, layout, by);
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

function rebuiltBox(content: Buffer, { type, at, start, end }: Box, layout: Layout, by: number): Buffer {
  if (type === 'stco') return movedChunks(content.subarray(start, end), layout.hasWideOffsets, by);
  if (!CONTAINERS.has(type)) return content.subarray(at, end);
  const parts = (boxesIn(content, start, end) ?? []).map((part) => rebuiltBox(content, part, layout, by));
  return box(type, ...parts, ...(type === 'moov' ? [box('free', Buffer.alloc(layout.space[2] ?? 0))] : []));
}

function movedChunks(list: Buffer, isWide: boolean, by: number): Buffer {
  const count = list.readUInt32BE(4);
  const offsets = Array.from({ length: count }, (_, index) => list.readUInt32BE(8 + 4 * index) + by);
  const numbers = Buffer.alloc(count * (isWide ? 8 : 4));
  offsets.forEach((offset, index) => {
    if (isWide) numbers.writeBigUInt64BE(BigInt(offset), index * 8);
    else numbers.writeUInt32BE(offset, index * 4);
  });
  return box(isWide ? 'co64' : 'stco', list.subarray(0, 8), numbers);
}
