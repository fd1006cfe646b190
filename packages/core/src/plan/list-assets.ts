import type { ExpandedAsset, ExpandedManifest, ExpandedTrack } from '../manifest/expanded.js';
import type { AssetSource } from './plan.js';

export type AssetRole = 'video' | 'audio' | 'mask' | 'subtitles';

export interface ListedAsset {
  /** Its name in {@link MediaByAsset}: {@link assetName}. */
  readonly name: string;
  /** Absolute path or URL. */
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

/** One file may be a video here and a mask there: each role is looked at for itself. */
export function assetName(role: AssetRole, source: AssetSource): string {
  return `${role} ${assetKey(source)}`;
}

/** Every media file of the batch, each once; one used in two roles is listed for each. */
export function listAssets(expanded: ExpandedManifest): ListedAsset[] {
  const listed = new Map<string, ListedAsset>();
  const add = (asset: ExpandedAsset | null, role: AssetRole, lengthKnown: boolean) => {
    if (asset === null) return;
    const name = assetName(role, asset.source);
    const probe = asset.source.kind === 'file' || !lengthKnown;
    const known = listed.get(name);
    if (known === undefined || (probe && !known.probe))
      listed.set(name, { name, key: assetKey(asset.source), source: asset.source, role, probe });
  };
  for (const video of expanded.videos) {
    add(video.video, 'video', video.durationMs !== null);
    add(video.mask, 'mask', true);
    for (const track of video.tracks) {
      add(track.mask, 'mask', true);
      add(track.subtitles, 'subtitles', true);
      for (const voice of voicesOf(track)) add(voice.asset, 'audio', voice.durationMs !== null);
    }
  }
  return [...listed.values()];
}

/** The voices of a track: one, or the left and the right speaker's. */
export function voicesOf(track: ExpandedTrack) {
  return track.voices.kind === 'one' ? [track.voices.audio] : [track.voices.left, track.voices.right];
}
