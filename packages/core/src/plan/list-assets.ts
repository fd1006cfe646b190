import type { ExpandedAsset, ExpandedManifest, ExpandedTrack } from '../manifest/expanded.js';
import type { AssetSource } from './plan.js';

export type AssetRole = 'video' | 'audio' | 'mask';

export interface ListedAsset {
  /** Absolute path or URL: the asset's name in {@link MediaByAsset}. */
  readonly key: string;
  readonly source: AssetSource;
  readonly role: AssetRole;
  /**
   * Whether someone must look at it before the plan: every local file, since it must be there and readable, and a URL
   * whose length the manifest does not state. Masks behind URLs are taken on trust.
   */
  readonly probe: boolean;
}

export function assetKey(source: AssetSource): string {
  return source.kind === 'file' ? source.path : source.url;
}

/** Every media file of the batch, each once; one used in two roles is listed for each. */
export function listAssets(expanded: ExpandedManifest): ListedAsset[] {
  const listed = new Map<string, ListedAsset>();
  const add = (asset: ExpandedAsset | null, role: AssetRole, lengthKnown: boolean) => {
    if (asset === null) return;
    const key = assetKey(asset.source);
    const probe = asset.source.kind === 'file' || !lengthKnown;
    const name = `${role} ${key}`;
    const known = listed.get(name);
    if (known === undefined || (probe && !known.probe)) listed.set(name, { key, source: asset.source, role, probe });
  };
  for (const video of expanded.videos) {
    add(video.video, 'video', video.durationMs !== null);
    add(video.mask, 'mask', true);
    for (const track of video.tracks) {
      add(track.mask, 'mask', true);
      for (const voice of voicesOf(track)) add(voice.asset, 'audio', voice.durationMs !== null);
    }
  }
  return [...listed.values()];
}

export function voicesOf(track: ExpandedTrack) {
  return track.voices.kind === 'one' ? [track.voices.audio] : [track.voices.left, track.voices.right];
}
