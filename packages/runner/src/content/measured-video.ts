import type { MeasuredVideo } from '@localize/core';
import type { MediaFacts } from '@localize/media';

/** What of a video's facts its reports show. */
export function measuredVideo({ video, audio, audioDurationMs }: MediaFacts): MeasuredVideo | undefined {
  if (video === null) return undefined;
  const { width, height, frameRate } = video;
  return { width, height, frameRate, hasAudio: audio !== null, audioDurationMs };
}
