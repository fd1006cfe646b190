import { type Box, boxesIn } from '../src/isobmff/boxes.js';

/** What a track of timed text holds, read by its boxes alone. */
export interface ReadText {
  readonly handler: string;
  readonly entry: string;
  readonly language: string;
  readonly samples: readonly { startMs: number; endMs: number; text: string }[];
}

/** The last track of a file, which is of timed text. */
export function readTextTrack(file: Buffer): ReadText {
  const trak = find(file, all(file), 'moov', 'trak');
  const inMedia = (...types: string[]) => find(file, [trak], 'trak', 'mdia', ...types);
  const table = (type: string) => inMedia('minf', 'stbl', type);
  const mdhd = inMedia('mdhd');
  const hdlr = inMedia('hdlr');
  const stsd = table('stsd');
  const timescale = file.readUInt32BE(mdhd.start + 20);
  const durations = readDurations(file, table('stts'));
  const sizes = readSizes(file, table('stsz'));
  let at = Number(file.readBigUInt64BE(table('co64').start + 8));
  let time = 0;
  const samples = sizes.map((size, index) => {
    const bytes = file.readUInt16BE(at);
    const text = file.toString('utf8', at + 2, at + 2 + bytes);
    const startMs = (time * 1000) / timescale;
    time += durations[index] ?? Number.NaN;
    at += size;
    return { startMs, endMs: (time * 1000) / timescale, text };
  });
  return {
    handler: file.toString('latin1', hdlr.start + 8, hdlr.start + 12),
    entry: file.toString('latin1', stsd.start + 12, stsd.start + 16),
    language: languageOf(file.readUInt16BE(mdhd.end - 4)),
    samples,
  };
}

function all(file: Buffer): Box[] {
  const boxes = boxesIn(file, 0, file.length);
  if (boxes === null) throw new Error('not a file of boxes');
  return boxes;
}

/** The last box of each type inside the one before. */
function find(file: Buffer, among: readonly Box[], ...types: readonly string[]): Box {
  const [type, ...rest] = types;
  const found = among.findLast((each) => each.type === type);
  if (found === undefined) throw new Error(`there is no ${type}`);
  return rest.length === 0 ? found : find(file, boxesIn(file, found.start, found.end) ?? [], ...rest);
}

function readDurations(file: Buffer, { start }: Box): number[] {
  return Array.from({ length: file.readUInt32BE(start + 4) }, (_, run) => {
    const at = start + 8 + run * 8;
    return Array<number>(file.readUInt32BE(at)).fill(file.readUInt32BE(at + 4));
  }).flat();
}

function readSizes(file: Buffer, { start }: Box): number[] {
  return Array.from({ length: file.readUInt32BE(start + 8) }, (_, index) => file.readUInt32BE(start + 12 + index * 4));
}

function languageOf(packed: number): string {
  return String.fromCharCode(...[packed >> 10, packed >> 5, packed].map((letter) => (letter & 31) + 0x60));
}
