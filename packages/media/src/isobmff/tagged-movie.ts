import { type Box, box, boxPieces, clearBoxTimes } from './boxes.js';
import { extendedLanguage } from './extended-language.js';
import { chunkBytes, type Movie, type MovieTrack, only, type Part, readMovie } from './movie.js';

/** What players show of a file. */
export interface Mp4Tags {
  readonly title: string;
  /** ISO 639-2/T, as MP4 has it: three letters. */
  readonly languageCode: string;
  /** The whole BCP 47 tag. */
  readonly languageTag: string;
  /** What players call the tracks. */
  readonly trackName: string;
}

/** Told anew by the tags, or nothing but space. */
const LEFT_OUT = new Set(['udta', 'meta', 'elng', 'free', 'skip']);

/** An index with other tags. */
export interface TaggedMovie {
  /** What it says of the index that it was made of holds in `edited`. */
  readonly movie: Movie;
  /** What is kept of that index: pieces of it are written to with it. */
  readonly edited: Buffer;
  /** The whole new `moov` box, one after the other. */
  readonly pieces: readonly Uint8Array[];
}

/**
 * The same index with other tags: title, language and names of the tracks, which of them plays by default. Times of
 * making become 0, and tags that the index had are left out. Where the chunks lie it says as before.
 * @param content the whole `moov` box
 * @returns `null` where the index is not one that is understood here
 */
export function taggedMovie(content: Buffer, tags: Mp4Tags): TaggedMovie | null {
  const movie = readMovie(content);
  if (movie === null) return null;
  const edited = Buffer.from(content);
  for (const header of headersOf(movie)) clearBoxTimes(edited, header);
  for (const track of movie.tracks) setTrack(edited, track, tags, isDefault(movie, track));
  const name = box('udta', box('name', Buffer.from(tags.trackName)));
  const language = extendedLanguage(tags.languageTag);
  const parts = movie.moov.parts.flatMap((part) => {
    if (part.type !== 'trak') return kept(edited, part);
    return boxPieces('trak', [...part.parts.flatMap((inside) => keptInTrack(edited, inside, language)), name]);
  });
  return { movie, edited, pieces: boxPieces('moov', [...parts, box('udta', titleBox(tags.title))]) };
}

function headersOf({ moov, tracks }: Movie): Part[] {
  const headers = [only(moov, 'mvhd'), ...tracks.flatMap(({ trak, mdia }) => [only(trak, 'tkhd'), only(mdia, 'mdhd')])];
  return headers.filter((header) => header !== undefined);
}

/** Players take the first of each kind. */
function isDefault({ tracks }: Movie, track: MovieTrack): boolean {
  return tracks.find(({ kind }) => kind === track.kind) === track;
}

function setTrack(edited: Buffer, { trak, mdia }: MovieTrack, { languageCode }: Mp4Tags, enabled: boolean): void {
  const tkhd = only(trak, 'tkhd');
  const mdhd = only(mdia, 'mdhd');
  if (!tkhd || !mdhd) return;
  const flagsAt = tkhd.start + 3;
  edited[flagsAt] = ((edited[flagsAt] ?? 0) & 0xfe) | (enabled ? 1 : 0);
  // Its language is followed by two bytes alone.
  edited.writeUInt16BE(packedLanguage(languageCode), mdhd.end - 4);
}

/** ISO 639-2/T as `mdhd` has it: five bits a letter. */
export function packedLanguage(code: string): number {
  return [...code].reduce((packed, letter) => packed * 32 + letter.charCodeAt(0) - 0x60, 0);
}

function keptInTrack(edited: Buffer, part: Part, language: Buffer): Uint8Array[] {
  if (part.type !== 'mdia') return kept(edited, part);
  const parts = part.parts.flatMap((inside) => {
    const made = keptInMedia(edited, inside);
    return inside.type === 'mdhd' ? [...made, language] : made;
  });
  return boxPieces('mdia', parts);
}

const HANDLER_NAMES: Readonly<Record<string, string>> = { vide: 'VideoHandler', soun: 'SoundHandler' };

/** Some writers put a language or a title into the name of the handler, and some players show it. */
function keptInMedia(edited: Buffer, part: Part): Buffer[] {
  if (part.type !== 'hdlr') return kept(edited, part);
  const kind = edited.toString('latin1', part.start + 8, part.start + 12);
  return [box('hdlr', edited.subarray(part.start, part.start + 24), Buffer.from(`${HANDLER_NAMES[kind]}\0`))];
}

function kept(edited: Buffer, { type, at, end }: Part): Buffer[] {
  return LEFT_OUT.has(type) ? [] : [edited.subarray(at, end)];
}

/** The title as iTunes has it, and with it most players. */
function titleBox(title: string): Buffer {
  const handler = box('hdlr', Buffer.from('\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0', 'latin1'));
  const text = box('data', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]), Buffer.from(title));
  return box('meta', Buffer.alloc(4), handler, box('ilst', box('\xa9nam', text)));
}

/**
 * Moves the chunks of an index that lie at `from` or later in the file.
 * @param content the whole `moov` box, which is written to
 * @param movie what {@link readMovie} read of it
 * @param apart where in the file the index itself was: no chunk may lie there
 * @returns `false` where some chunk cannot be moved so
 */
export function moveChunks(
  content: Buffer,
  movie: Movie,
  apart: { readonly from: number; readonly to: number },
  by: number,
): boolean {
  return movie.tracks.every(({ chunks }) => moveTrackChunks(content, chunks, apart, by));
}

/** The same for one `stco` or `co64`. */
export function moveTrackChunks(
  content: Buffer,
  chunks: Box,
  apart: { readonly from: number; readonly to: number },
  by: number,
): boolean {
  const bytes = chunkBytes(chunks);
  for (let at = chunks.start + 8; at < chunks.end; at += bytes) {
    const offset = bytes === 8 ? Number(content.readBigUInt64BE(at)) : content.readUInt32BE(at);
    if (offset < apart.from) continue;
    const moved = offset + by;
    if (offset < apart.to || !Number.isSafeInteger(moved)) return false;
    if (bytes === 8) content.writeBigUInt64BE(BigInt(moved), at);
    else if (moved <= 0xffffffff) content.writeUInt32BE(moved, at);
    else return false;
  }
  return true;
}
