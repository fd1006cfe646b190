import type { ExpandedTrack, ExpandedVoice } from '../manifest/expanded.js';
import { formatSeconds } from '../text/words.js';
import { assetName, voicesOf } from './list-assets.js';
import type { MediaByAsset } from './media-facts.js';
import type { MediaFinding } from './media-faults.js';

/** A file's length by its sound; `null` where nobody looked. */
export function measuredMs(voice: ExpandedVoice, media: MediaByAsset): number | null {
  const seen = media.get(assetName('audio', voice.asset.source));
  return seen !== undefined && 'facts' in seen ? (seen.facts.audioDurationMs ?? seen.facts.durationMs) : null;
}

/**
 * The voices that are longer or shorter than the manifest states, by what a provider would bill: it measures for itself,
 * so that the budget goes by the file.
 */
export function misstatedVoices(key: string, track: ExpandedTrack, media: MediaByAsset): MediaFinding[] {
  return voicesOf(track).flatMap((voice) => {
    const { asset, durationMs: stated } = voice;
    const measured = measuredMs(voice, media);
    if (stated === null || measured === null || wholeSeconds(measured) === wholeSeconds(stated)) return [];
    const code = measured > stated ? 'LENGTH_UNDERSTATED' : 'LENGTH_OVERSTATED';
    const message = `${asset.written} of ${key} is ${formatSeconds(measured)} long, and its duration is stated as ${formatSeconds(stated)}: it is planned as stated, but a provider bills what it measures, and so does the budget`;
    return [{ asset, finding: { code, message, expected: 'its real length, or none' } }];
  });
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
