import type { Finding } from '../manifest/manifest-issue.js';
import { formatSeconds } from '../text/words.js';
import type { JobMedia } from './job-media.js';

/** A track may differ from its video by this much before it is said: a second, or a tenth of the video. */
export function lengthsDiffer(trackMs: number, videoMs: number): boolean {
  return Math.abs(trackMs - videoMs) > Math.max(1000, videoMs / 10);
}

/** Subtitles may go on after their track by this much before it is said. */
const SUBTITLES_TOLERANCE_MS = 500;

/** Said of subtitles that go on after the finished video; `null` where they don't, or a length is unknown. */
export function lateSubtitlesFinding(key: string, { subtitlesMs, durationMs }: JobMedia): Finding | null {
  if (subtitlesMs === null || durationMs === null || subtitlesMs <= durationMs + SUBTITLES_TOLERANCE_MS) return null;
  const [subtitles, track] = [formatSeconds(subtitlesMs), formatSeconds(durationMs)];
  return {
    code: 'SUBTITLES_LATE',
    message: `the subtitles of ${key} go on to ${subtitles}, and its track ends at ${track}`,
  };
}

/** How a track's length differs from its video's; whether that is worth saying, {@link lengthsDiffer} tells. */
export function differenceFinding(key: string, trackMs: number, videoMs: number): Finding {
  const [track, video] = [formatSeconds(trackMs), formatSeconds(videoMs)];
  const relation = trackMs > videoMs ? 'longer' : 'shorter';
  return { code: 'LENGTH_DIFFERS', message: `the track of ${key} is ${track}, ${relation} than its video of ${video}` };
}
