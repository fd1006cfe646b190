import type { ExpandedTrack } from '../manifest/expanded.js';
import { assetName, voicesOf } from './list-assets.js';
import type { MediaByAsset } from './media-facts.js';
import type { MediaFinding } from './media-faults.js';

/**
 * The voices that keep a job's two from being one sound track of its output: those that cannot be decoded and so not be
 * mixed. Voices of one kind that speak in turns are copied one after the other and need no mixing.
 */
export function separateVoices(key: string, track: ExpandedTrack, media: MediaByAsset): MediaFinding[] {
  if (track.voices.kind === 'one') return [];
  const heard = voicesOf(track).map(({ asset }) => ({
    asset,
    sound: soundOf(media.get(assetName('audio', asset.source))),
  }));
  const [left, right] = heard.map(({ sound }) => sound && [sound.codec, sound.channels, sound.sampleRate].join());
  if (track.voices.order !== 'meanwhile' && left === right) return [];
  return heard.flatMap(({ asset, sound }) => {
    if (!sound || sound.decodable) return [];
    const message = `the two voices of ${key} become two sound tracks, of which players play only the first: ${asset.written} is ${sound.codec}, which cannot be mixed here`;
    return [{ asset, finding: { code: 'SEPARATE_VOICES', message, expected: 'WAV or MP3' } }];
  });
}

function soundOf(seen: ReturnType<MediaByAsset['get']>) {
  return seen !== undefined && 'facts' in seen ? seen.facts.audio : null;
}
