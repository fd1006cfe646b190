import { typeAt } from './boxes.js';

/** A stretch of a file. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const HEADER_BYTES = 8;
const WIDE_HEADER_BYTES = 16;

/** A file of so many pictures is asked for a few of them instead. */
const MOST_PICTURES = 2_000;

/**
 * Frames a second of the beginning of an MP4 or MOV, from the tables of its index alone: what its packets would say, without
 * making them one by one.
 * @param content the whole file
 * @param least so many frames it is told from, and from what is shown before the last of them ends
 * @returns `null` where the index is not that of one plain track of pictures, or has more than is worth going through
 */
export function frameRateIn(content: Buffer, least: number): number | null {
  const moov = only(content, { start: 0, end: content.length }, 'moov');
  if (moov === null || partsOf(content, moov, 'mvex').length > 0) return null;
  const pictures = partsOf(content, moov, 'trak').flatMap((trak) => {
    const mdia = only(content, trak, 'mdia');
    return mdia !== null && isOfPictures(content, mdia) ? [mdia] : [];
  });
  const [mdia] = pictures;
  if (mdia === undefined || pictures.length > 1) return null;
  const timescale = timescaleOf(content, mdia);
  const shown = shownTimes(content, mdia);
  if (timescale === null || shown === null) return null;
  const rate = rateOf(shown, least) * timescale;
  return Number.isFinite(rate) ? rate : null;
}

/** Places of the boxes of one type, without headers. None are found behind what is no box. */
function partsOf(content: Buffer, { start, end }: Span, type: string): Span[] {
  const found: Span[] = [];
  for (let at = start; at + HEADER_BYTES <= end; ) {
    const size = content.readUInt32BE(at);
    const isWide = size === 1 && at + WIDE_HEADER_BYTES <= end;
    const bytes = isWide ? Number(content.readBigUInt64BE(at + HEADER_BYTES)) : size === 0 ? end - at : size;
    if (bytes < HEADER_BYTES || at + bytes > end) break;
    if (typeAt(content, at + 4) === type) {
      found.push({ start: at + (isWide ? WIDE_HEADER_BYTES : HEADER_BYTES), end: at + bytes });
    }
    at += bytes;
  }
  return found;
}

function only(content: Buffer, span: Span | null, type: string): Span | null {
  const parts = span === null ? [] : partsOf(content, span, type);
  return parts.length === 1 ? (parts[0] ?? null) : null;
}

function isOfPictures(content: Buffer, mdia: Span): boolean {
  const hdlr = only(content, mdia, 'hdlr');
  return hdlr !== null && hdlr.end - hdlr.start >= 12 && typeAt(content, hdlr.start + 8) === 'vide';
}

/** Units a second. */
function timescaleOf(content: Buffer, mdia: Span): number | null {
  const mdhd = only(content, mdia, 'mdhd');
  if (mdhd === null || mdhd.end - mdhd.start < 24) return null;
  // A later version has the two times before it in eight bytes each.
  return content.readUInt32BE(mdhd.start + (content[mdhd.start] === 1 ? 20 : 12)) || null;
}

/** When each picture is shown, in the order they are decoded in, and how long it is shown where no other follows. */
interface ShownTimes {
  readonly times: readonly number[];
  readonly lasts: readonly number[];
}

function shownTimes(content: Buffer, mdia: Span): ShownTimes | null {
  const stbl = only(content, only(content, mdia, 'minf'), 'stbl');
  const durations = entriesOf(content, only(content, stbl, 'stts'));
  if (stbl === null || durations === null || countIn(durations) > MOST_PICTURES) return null;
  const times: number[] = [];
  const lasts: number[] = [];
  let time = 0;
  for (const [count, duration] of durations) {
    for (let left = count; left > 0; left -= 1) {
      times.push(time);
      lasts.push(duration);
      time += duration;
    }
  }
  if (partsOf(content, stbl, 'ctts').length === 0) return { times, lasts };
  const delays = entriesOf(content, only(content, stbl, 'ctts'));
  if (delays === null || countIn(delays) > MOST_PICTURES) return null;
  let at = 0;
  for (const [count, delay] of delays) {
    // Later ones may be shown earlier than they are decoded.
    for (let left = count; left > 0 && at < times.length; left -= 1, at += 1)
      times[at] = (times[at] ?? 0) + (delay | 0);
  }
  return { times, lasts };
}

/** Pairs of numbers behind version, flags and their count: so many samples, and what holds for each. */
function entriesOf(content: Buffer, table: Span | null): [number, number][] | null {
  if (table === null || table.end - table.start < 8) return null;
  const count = content.readUInt32BE(table.start + 4);
  if (table.start + 8 + count * 8 > table.end) return null;
  return Array.from({ length: count }, (_, index) => {
    const at = table.start + 8 + index * 8;
    return [content.readUInt32BE(at), content.readUInt32BE(at + 4)];
  });
}

function countIn(entries: readonly (readonly [number, number])[]): number {
  return entries.reduce((sum, [count]) => sum + count, 0);
}

/** Frames for each unit of time. */
function rateOf({ times, lasts }: ShownTimes, least: number): number {
  let [start, latest, counted] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  let end: number | null = null;
  for (const time of times) {
    if (counted >= least) {
      end ??= endOf(latest, times, lasts);
      if (time >= end) break;
    }
    start = Math.min(start, time);
    if (time > latest) [latest, end] = [time, null];
    counted += 1;
  }
  return counted / ((end ?? endOf(latest, times, lasts)) - start);
}

/** When the picture that is shown from `time` on makes room for the next one. */
function endOf(time: number, times: readonly number[], lasts: readonly number[]): number {
  const next = times.reduce((first, each) => (each > time ? Math.min(first, each) : first), Number.POSITIVE_INFINITY);
  return next === Number.POSITIVE_INFINITY ? time + (lasts[times.indexOf(time)] ?? 0) : next;
}
