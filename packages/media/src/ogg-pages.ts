import type { LocalFile } from './local-file.js';

/** What each page of an Ogg file begins with (RFC 3533, section 6). */
export const PAGE = 'OggS';
export const PAGE_HEAD_BYTES = 27;

const BEGINS_STREAM = 2;

/** A file is looked at in so many places of so many bytes: all of one of up to 1 MiB, a part of a larger one. */
const PLACES = 16;
const PLACE_BYTES = 64 * 1024;

/**
 * Whether an Ogg file is one, and not several that were put one after the other ("chained"). Streams that lie side by side
 * all begin before the first page that begins none; one that begins later, or that nothing began, is of another file. Some
 * programs give every stream the same number; then its pages are counted anew, which of a larger file shows where the
 * first one is more than an eighth of it.
 */
export async function holdsOneOgg(file: LocalFile): Promise<boolean> {
  const lastCounts = new Map<number, number>();
  let allBegan = false;
  for (const place of placesOf(file.bytes)) {
    for (const page of pagesIn(await file.readAt(place, PLACE_BYTES + PAGE_HEAD_BYTES))) {
      const { stream, count, begins } = page;
      const last = lastCounts.get(stream);
      if (begins ? allBegan : last === undefined || count < last) return false;
      allBegan ||= !begins;
      lastCounts.set(stream, count);
    }
  }
  return true;
}

/** Where to look, from the beginning to the end, without reading anything twice. */
function placesOf(bytes: number): number[] {
  const apart = Math.max(PLACE_BYTES, Math.floor((bytes - PLACE_BYTES) / (PLACES - 1)));
  return Array.from({ length: PLACES }, (_, place) => place * apart).filter((at) => at < bytes);
}

interface Page {
  readonly stream: number;
  /** Its place among the pages of its stream. */
  readonly count: number;
  readonly begins: boolean;
}

function* pagesIn(bytes: Buffer): Generator<Page> {
  for (let at = bytes.indexOf(PAGE); at !== -1; at = bytes.indexOf(PAGE, at + 1)) {
    if (at + PAGE_HEAD_BYTES > bytes.length) return;
    // The version: sound can hold the four letters too.
    if (bytes[at + 4] !== 0) continue;
    yield {
      stream: bytes.readUInt32LE(at + 14),
      count: bytes.readUInt32LE(at + 18),
      begins: ((bytes[at + 5] ?? 0) & BEGINS_STREAM) !== 0,
    };
  }
}
