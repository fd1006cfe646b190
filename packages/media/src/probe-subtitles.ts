import { openLocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import { mistypedTimes } from './subtitles/mistyped-times.js';
import { backwardLine, type Cue, isVtt, parseVtt } from './subtitles/parse-vtt.js';

export interface SubtitleFacts {
  cues: number;
  /** End of the last cue. */
  endMs: number;
}

/** Hours of subtitles are some hundred kilobytes. */
const LARGEST_BYTES = 16 * 2 ** 20;

/** Makes sure that a file is WebVTT with something in it. Throws MediaError. */
export async function probeSubtitles(path: string): Promise<SubtitleFacts> {
  const cues = await readCues(path);
  return { cues: cues.length, endMs: cues.reduce((end, cue) => Math.max(end, cue.endMs), 0) };
}

/** The cues of a WebVTT file, at least one. Throws MediaError. */
export async function readCues(path: string): Promise<Cue[]> {
  const text = await readText(path);
  if (!isVtt(text)) {
    const isSubRip = /^\ufeff?\d+\s*\n[\d:]+,\d{3} -->/.test(text);
    throw unreadable(path, isSubRip ? 'is SubRip; make it WebVTT: ffmpeg -i in.srt out.vtt' : 'is no WebVTT file');
  }
  const mistyped = mistypedTimes(text);
  if (mistyped !== null) {
    const right = mistyped.right ?? '00:01.000 --> 00:02.000, with seconds and minutes below 60';
    throw unreadable(path, `has times that cannot be read in line ${mistyped.line}; write them as ${right}`);
  }
  const backward = backwardLine(text);
  if (backward !== null) throw unreadable(path, `has a subtitle that ends before it begins (line ${backward})`);
  const cues = parseVtt(text);
  if (cues.length === 0) throw unreadable(path, 'has no subtitle in it');
  return cues;
}

async function readText(path: string): Promise<string> {
  const file = await openLocalFile(path);
  try {
    if (file.bytes > LARGEST_BYTES) throw unreadable(path, 'is far too large for subtitles');
    return utf8(await file.readAt(0, file.bytes), path);
  } finally {
    await file.close();
  }
}

function utf8(bytes: Uint8Array, path: string): string {
  const wide = wideEncoding(bytes);
  try {
    if (wide === null) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Told below, with the line.
  }
  const line = wide
    ? 1
    : Buffer.from(bytes)
        .toString('latin1', 0, firstBad(bytes))
        .split(/\r\n?|\n/).length;
  const mend = `convert it: iconv -f ${wide ?? 'WINDOWS-1252'} -t UTF-8 in.vtt > out.vtt, or from whatever it is`;
  throw unreadable(path, `is not UTF-8 (line ${line}); ${mend}`);
}

/** How iconv calls it: with a mark of its byte order, or without one, where every second byte of plain letters is 0. */
function wideEncoding([first = 0, second = 0]: Uint8Array): string | null {
  if ([0xfffe, 0xfeff].includes(first * 256 + second)) return 'UTF-16';
  if (first !== 0 && second === 0) return 'UTF-16LE';
  return first === 0 && second !== 0 ? 'UTF-16BE' : null;
}

/** Where the first byte stands that no UTF-8 has there. */
function firstBad(bytes: Uint8Array): number {
  const read = Buffer.from(bytes).toString('utf8');
  return Buffer.byteLength(read.slice(0, read.indexOf('\ufffd')));
}

function unreadable(path: string, what: string): MediaError {
  return new MediaError('MEDIA_UNREADABLE', `${path} ${what}`);
}
