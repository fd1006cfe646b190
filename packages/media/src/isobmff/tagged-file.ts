import type { LocalFile } from '../local-file.js';
import { MediaError } from '../media-error.js';
import type { Cue } from '../subtitles/parse-vtt.js';
import { box, bytesIn, readBoxHead } from './boxes.js';
import { type Mp4Tags, moveChunks, taggedMovie } from './tagged-movie.js';
import { textTrackFor, withTrack } from './text-track-for.js';

/** A file with another index: what lies before it and after it stays as it is. */
export interface TaggedFile {
  /** The new one, with the texts of its subtitles behind it. */
  readonly index: Buffer;
  /** Where the old index starts and ends. */
  readonly from: number;
  readonly to: number;
}

/** Larger ones are of films of many hours. */
const MOST_INDEX_BYTES = 64 * 2 ** 20;

/** MP4 and nothing that only looks like it: QuickTime has names of its own. */
const BRANDS = /^(?:iso[m2-9]|mp4[12]|avc1|M4V )$/;
const AROUND = new Set(['mdat', 'free', 'skip', 'wide']);

const MDAT_HEADER_BYTES = 8;

/**
 * How a file's tags are set, and subtitles attached, without touching its packets: by another index in the place of its own.
 * @param cues of the subtitles; none: no track of them
 * Throws MEDIA_UNREADABLE where the cues show nothing before the video ends.
 * @returns `null` where that can't be done surely: another container, fragments, tracks other than pictures and sound
 */
export async function tagFile(file: LocalFile, tags: Mp4Tags, cues: readonly Cue[]): Promise<TaggedFile | null> {
  const place = await findIndex(file);
  if (place === null || place.to - place.from > MOST_INDEX_BYTES) return null;
  const before = await file.readAt(place.from, place.to - place.from);
  const tagged = taggedMovie(before, tags);
  if (tagged === null) return null;
  const { movie, edited, pieces } = tagged;
  const text = cues.length === 0 ? null : textTrackFor(edited, movie, cues, tags);
  if (cues.length > 0 && text === null) {
    throw new MediaError('MEDIA_UNREADABLE', 'its subtitles begin after the video ends');
  }
  const bytes = bytesIn(pieces);
  const bytesOfText = text === null ? 0 : text.trak(0).length + MDAT_HEADER_BYTES + text.data.length;
  if (!moveChunks(edited, movie, place, bytes - before.length + bytesOfText)) return null;
  // Not earlier: the pieces are where the chunks were moved.
  const index = Buffer.concat(pieces);
  if (text === null) return { ...place, index };
  // Close to the index, so that a player which streams has them early.
  const dataAt = place.from + bytes + text.trak(0).length + MDAT_HEADER_BYTES;
  return { ...place, index: Buffer.concat([withTrack(index, text.trak(dataAt)), box('mdat', text.data)]) };
}

/** Where the only index is, of a file whose boxes at the top level are the usual ones and end where it ends. */
async function findIndex(file: LocalFile): Promise<{ from: number; to: number } | null> {
  let found: { from: number; to: number } | null = null;
  let position = 0;
  while (position < file.bytes) {
    const head = await file.readAt(position, 16);
    if (head.length < 12) return null;
    const { type, bytes } = readBoxHead(head);
    const end = bytes === 0 ? file.bytes : position + bytes;
    if (end < position + 8 || end > file.bytes) return null;
    if (position === 0) {
      if (type !== 'ftyp' || !BRANDS.test(head.toString('latin1', 8, 12))) return null;
    } else if (type === 'moov') {
      if (found !== null || bytes === 0) return null;
      found = { from: position, to: end };
    } else if (!AROUND.has(type)) {
      return null;
    }
    position = end;
  }
  return found;
}
