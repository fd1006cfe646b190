import { openLocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
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
    return (await file.readAt(0, file.bytes)).toString('utf8');
  } finally {
    await file.close();
  }
}

function unreadable(path: string, what: string): MediaError {
  return new MediaError('MEDIA_UNREADABLE', `${path} ${what}`);
}
