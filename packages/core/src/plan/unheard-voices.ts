import type { ExpandedTrack } from '../manifest/expanded.js';
import { count, orList } from '../text/words.js';
import { assetName, voicesOf } from './list-assets.js';
import type { MediaByAsset } from './media-facts.js';

/** Voices that may be silent without anybody noticing. */
export function createUnheardVoices(media: MediaByAsset) {
  /** Those whose length the manifest states are not fetched before the plan, and of the others not all. */
  const behindUrls = new Set<string>();

  return {
    add(track: ExpandedTrack): void {
      for (const { asset } of voicesOf(track)) {
        if (asset.source.kind === 'file') continue;
        const name = assetName('audio', asset.source);
        const seen = media.get(name);
        if (seen === undefined || ('facts' in seen && typeof seen.facts.silent !== 'boolean')) {
          behindUrls.add(name);
        }
      }
    },

    /** Each said once, with how many. */
    warnings(): string[] {
      const codecs = [...media].flatMap(([name, seen]) => {
        const isUnheard = 'facts' in seen && seen.facts.silent === null && !behindUrls.has(name);
        return isUnheard ? (seen.facts.audio?.codec ?? []) : [];
      });
      const kinds = orList([...new Set(codecs)].sort());
      const [some, few] = [codecs.length, behindUrls.size].map((number) => count(number, 'audio file'));
      return [
        ...(codecs.length === 0 ? [] : [`${some} (${kinds}) cannot be decoded here, so nobody checked for silence`]),
        ...(behindUrls.size === 0
          ? []
          : [`${few} behind URLs: nobody checked for silence (their length is given, or too much of them is silent)`]),
      ];
    },
  };
}
