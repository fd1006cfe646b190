import type { Cue } from '../subtitles/parse-vtt.js';
import { timelineOf } from '../subtitles/timeline.js';
import { box } from './boxes.js';
import { type Movie, only, type Part, readMovie } from './movie.js';
import type { Mp4Tags } from './tagged-movie.js';
import { type MovieAround, TextTrack } from './text-track.js';

/**
 * A track of what the cues show while the movie lasts.
 * @param content the whole `moov` box, and what was read of it
 * @returns `null` where they show nothing
 */
export function textTrackFor(content: Buffer, movie: Movie, cues: readonly Cue[], tags: Mp4Tags): TextTrack | null {
  const header = only(movie.moov, 'mvhd');
  if (header === undefined) return null;
  const { timescale, endMs } = readLength(content, header);
  const shown = timelineOf(cues, endMs);
  const around: MovieAround = { trackId: nextTrackId(content, movie), timescale, endMs, ...readSize(content, movie) };
  return shown.length === 0 ? null : new TextTrack(shown, tags, around);
}

/** The same index with one more track behind the others. */
export function withTrack(content: Buffer, trak: Buffer): Buffer {
  const movie = readMovie(content);
  const last = movie?.tracks.at(-1);
  const header = only(movie?.moov, 'mvhd');
  if (!movie || !last || !header) throw new RangeError('a track is put into an index that was understood');
  const edited = Buffer.from(content);
  // The header ends with the number of the track that comes next.
  edited.writeUInt32BE(nextTrackId(content, movie) + 1, header.end - 4);
  const { start, end } = movie.moov;
  return box('moov', edited.subarray(start, last.trak.end), trak, edited.subarray(last.trak.end, end));
}

/** Headers of version 1 have each of their times in eight bytes. */
function isWide(content: Buffer, { start }: Part): boolean {
  return content[start] === 1;
}

/** `endMs` is infinite where the header says that the length is not known. */
function readLength(content: Buffer, mvhd: Part): { timescale: number; endMs: number } {
  const at = mvhd.start + (isWide(content, mvhd) ? 20 : 12);
  const timescale = content.readUInt32BE(at);
  const duration = isWide(content, mvhd) ? Number(content.readBigUInt64BE(at + 4)) : content.readUInt32BE(at + 4);
  const isKnown = duration > 0 && duration < 0xffffffff && timescale > 0;
  return { timescale, endMs: isKnown ? Math.floor((duration * 1000) / timescale) : Number.POSITIVE_INFINITY };
}

function nextTrackId(content: Buffer, { tracks }: Movie): number {
  const ids = tracks.map(({ trak }) => {
    const tkhd = only(trak, 'tkhd');
    return tkhd === undefined ? 0 : content.readUInt32BE(tkhd.start + (isWide(content, tkhd) ? 20 : 12));
  });
  return Math.max(...ids) + 1;
}

/** A track's header ends with a matrix of nine numbers, its width and its height, with 16 bits behind the point. */
const MATRIX_BEFORE_END = 44;
const SIZE_BEFORE_END = 8;

/** Whole pixels of the picture as it is shown. */
function readSize(content: Buffer, { tracks }: Movie): { width: number; height: number } {
  const tkhd = only(tracks[0]?.trak, 'tkhd');
  if (tkhd === undefined) return { width: 0, height: 0 };
  const width = content.readUInt16BE(tkhd.end - SIZE_BEFORE_END);
  const height = content.readUInt16BE(tkhd.end - SIZE_BEFORE_END + 4);
  const isOnItsSide = content.readUInt32BE(tkhd.end - MATRIX_BEFORE_END) === 0;
  return isOnItsSide ? { width: height, height: width } : { width, height };
}
