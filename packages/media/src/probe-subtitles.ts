import { openLocalFile } from './local-file.js';
import { MediaError } from './media-error.js';

export interface SubtitleFacts {
  cues: number;
  /** End of the last cue. */
  endMs: number;
}

/** Hours of subtitles are some hundred kilobytes. */
const LARGEST_BYTES = 16 * 2 ** 20;

const TIMES = /^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})[ \t]+-->[ \t]+(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})/gm;

/** Makes sure that a file is WebVTT with something in it. Throws MediaError. */
export async function probeSubtitles(path: string): Promise<SubtitleFacts> {
  const text = await readText(path);
  const bare = text.replace(/^\ufeff/, '');
  if (!/^WEBVTT(?=[ \t\r\n]|$)/.test(bare)) {
    const isSubRip = /^\d+\s*\n[\d:]+,\d{3} -->/.test(bare);
    throw unreadable(path, isSubRip ? 'is SubRip; make it WebVTT: ffmpeg -i in.srt out.vtt' : 'is no WebVTT file');
  }
  const ends = [...bare.matchAll(TIMES)].map((times) => toMs(times.slice(5, 9)));
  if (ends.length === 0) throw unreadable(path, 'has no subtitle in it');
  return { cues: ends.length, endMs: Math.max(...ends) };
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

function toMs([hours, minutes, seconds, milliseconds]: readonly (string | undefined)[]): number {
  const whole = (Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Number(milliseconds);
}

function unreadable(path: string, what: string): MediaError {
  return new MediaError('MEDIA_UNREADABLE', `${path} ${what}`);
}
