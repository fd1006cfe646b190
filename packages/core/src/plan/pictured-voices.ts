import type { ExpandedTrack, ExpandedVideo } from '../manifest/expanded.js';
import { assetKey, assetName, voicesOf } from './list-assets.js';
import type { MediaByAsset } from './media-facts.js';
import type { MediaFinding } from './media-faults.js';

/** The voices that are videos: nobody names one as audio on purpose, and a provider gets it whole, picture and all. */
export function picturedVoices(
  key: string,
  { video }: Pick<ExpandedVideo, 'video'>,
  track: ExpandedTrack,
  media: MediaByAsset,
): MediaFinding[] {
  return voicesOf(track).flatMap(({ asset }) => {
    const seen = media.get(assetName('audio', asset.source));
    if (seen === undefined || !('facts' in seen) || seen.facts.video === null) return [];
    const isOwn = assetKey(asset.source) === assetKey(video.source);
    const what = isOwn ? 'its own video, in the language that was recorded' : 'a video, and goes to the provider whole';
    const message = `the audio of ${key}, ${asset.written}, is ${what}`;
    return [{ asset, finding: { code: 'AUDIO_IS_VIDEO', message, expected: 'a file of the voice alone' } }];
  });
}
