import { openLocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import { backwardLine, type Cue, isVtt, parseVtt, unreadableLine } from './subtitles/parse-vtt.js';

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
  const unread = unreadableLine(text);
  if (unread !== null) {
    throw unreadable(path, `has times that cannot be read in line ${unread}; write them as 00:01.000 --> 00:02.000`);
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
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const head = Buffer.from(bytes);
    const line = head.toString('latin1', 0, firstBad(bytes)).split(/\r\n?|\n/).length;
    const from = [0xfffe, 0xfeff].includes((head[0] ?? 0) * 256 + (head[1] ?? 0)) ? 'UTF-16' : 'WINDOWS-1252';
    const mend = `convert it: iconv -f ${from} -t UTF-8 in.vtt > out.vtt, or from whatever it is`;
    throw unreadable(path, `is not UTF-8 (line ${line}); ${mend}`);
  }
}

/** Where the first byte stands that no UTF-8 has there. */
function firstBad(bytes: Uint8Array): number {
  const read = Buffer.from(bytes).toString('utf8');
  return Buffer.byteLength(read.slice(0, read.indexOf('\ufffd')));
}

function unreadable(path: string, what: string): MediaError {
  return new MediaError('MEDIA_UNREADABLE', `${path} ${what}`);
}
