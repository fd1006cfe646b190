import type { Cue } from '../subtitles/parse-vtt.js';
import { box } from './boxes.js';
import { extendedLanguage } from './extended-language.js';
import { type Mp4Tags, packedLanguage } from './tagged-movie.js';

/** What the movie is that a text track goes into. */
export interface MovieAround {
  /** The track's own number in it. */
  readonly trackId: number;
  /** Units a second of the times of tracks. */
  readonly timescale: number;
  /** Its length in milliseconds; infinite where that is not known. */
  readonly endMs: number;
  /** Pixels of the picture as it is shown. */
  readonly width: number;
  readonly height: number;
}

/** The track's times are milliseconds. */
const TIMESCALE = 1000;

/** The text lies over the lowest part of the picture, as Apple's tools have it. */
const HEIGHT_SHARE = 0.15;

/** The defaults of ffmpeg, which takes sizes for those on a picture of 288 lines, and says of others what they are. */
const FONT = { name: Buffer.from('Arial'), size: 16 };

/**
 * A track of 3GPP timed text (`tx3g`, 3GPP TS 26.245), which players know as subtitles.
 * @param shown in their order, none over another
 */
export class TextTrack {
  /** The texts as they lie in the file, in one piece. */
  readonly data: Buffer;
  readonly #sizes: number[] = [];
  readonly #durations: number[] = [];
  readonly #tags: Mp4Tags;
  readonly #movie: MovieAround;

  constructor(shown: readonly Cue[], tags: Mp4Tags, movie: MovieAround) {
    this.#tags = tags;
    this.#movie = movie;
    const samples: Buffer[] = [];
    let at = 0;
    for (const { startMs, endMs, text } of shown) {
      // Nothing is shown: a text without letters.
      if (startMs > at) samples.push(this.#sample('', startMs - at));
      samples.push(this.#sample(text, endMs - startMs));
      at = endMs;
    }
    // Some players show the last text on to the movie's end unless another one follows it.
    if (at < movie.endMs) samples.push(this.#sample('', Number.isFinite(movie.endMs) ? movie.endMs - at : 1));
    this.data = Buffer.concat(samples);
  }

  #sample(text: string, durationMs: number): Buffer {
    const bytes = cutAtLetter(Buffer.from(text), 0xffff);
    this.#sizes.push(bytes.length + 2);
    this.#durations.push(durationMs);
    return Buffer.concat([u16(bytes.length), bytes]);
  }

  /** The track's `trak` box, equally long wherever in the file its texts lie. */
  trak(dataAt: number): Buffer {
    const durationMs = this.#durations.reduce((sum, each) => sum + each, 0);
    return box(
      'trak',
      this.#header(durationMs),
      box('mdia', ...this.#mediaHeader(durationMs), this.#information(dataAt)),
      box('udta', box('name', Buffer.from(this.#tags.trackName))),
    );
  }

  #header(durationMs: number): Buffer {
    const { trackId, timescale, width, height } = this.#movie;
    const ofText = Math.round(height * HEIGHT_SHARE);
    const duration = Math.round((durationMs * timescale) / TIMESCALE);
    const matrix = [0x10000, 0, 0, 0, 0x10000, 0, 0, (height - ofText) * 0x10000, 0x40000000];
    return box(
      'tkhd',
      // Times in eight bytes; shown, and part of the movie. Its group of alternatives is the one that ffmpeg gives subtitles.
      versioned(1, 3, u64(0), u64(0), u32(trackId), u32(0), u64(duration), u64(0)),
      Buffer.concat([u16(0), u16(3), u16(0), u16(0), ...matrix.map(u32), u32(width * 0x10000), u32(ofText * 0x10000)]),
    );
  }

  #mediaHeader(durationMs: number): Buffer[] {
    const { languageCode, languageTag } = this.#tags;
    return [
      box(
        'mdhd',
        versioned(1, 0, u64(0), u64(0), u32(TIMESCALE), u64(durationMs), u16(packedLanguage(languageCode)), u16(0)),
      ),
      extendedLanguage(languageTag),
      box('hdlr', versioned(0, 0, u32(0), Buffer.from('sbtl'), Buffer.alloc(12), Buffer.from('SubtitleHandler\0'))),
    ];
  }

  #information(dataAt: number): Buffer {
    const count = this.#sizes.length;
    const table = box(
      'stbl',
      box('stsd', versioned(0, 0, u32(1), this.#sampleEntry())),
      box('stts', versioned(0, 0, ...runsOf(this.#durations))),
      box('stsc', versioned(0, 0, u32(1), u32(1), u32(count), u32(1))),
      box('stsz', versioned(0, 0, u32(0), u32(count), ...this.#sizes.map(u32))),
      box('co64', versioned(0, 0, u32(1), u64(dataAt))),
    );
    const inThisFile = box('dref', versioned(0, 0, u32(1), box('url ', versioned(0, 1))));
    return box('minf', box('nmhd', versioned(0, 0)), box('dinf', inThisFile), table);
  }

  /** White on nothing, centred at the bottom. */
  #sampleEntry(): Buffer {
    const { width, height } = this.#movie;
    return box(
      'tx3g',
      Buffer.concat([Buffer.alloc(6), u16(1), u32(0), Buffer.from([1, 0xff, 0, 0, 0, 0])]),
      Buffer.concat([0, 0, Math.round(height * HEIGHT_SHARE), width].map(u16)),
      Buffer.concat([u16(0), u16(0), u16(1), Buffer.from([0, FONT.size, 255, 255, 255, 255])]),
      box('ftab', u16(1), u16(1), Buffer.from([FONT.name.length]), FONT.name),
    );
  }
}

/** How often each duration comes in a row. */
function runsOf(durations: readonly number[]): Buffer[] {
  const runs: { count: number; duration: number }[] = [];
  for (const duration of durations) {
    const last = runs.at(-1);
    if (last?.duration === duration) last.count += 1;
    else runs.push({ count: 1, duration });
  }
  return [u32(runs.length), ...runs.flatMap(({ count, duration }) => [u32(count), u32(duration)])];
}

/** UTF-8 up to so many bytes, without a part of a letter. */
function cutAtLetter(bytes: Buffer, most: number): Buffer {
  let end = Math.min(bytes.length, most);
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

function versioned(version: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([u32(version * 2 ** 24 + flags), ...parts]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
