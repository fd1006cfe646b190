import type { SpeakingOrder } from '../money/price.js';
import type { AssetSource } from '../plan/plan.js';
import type { Manifest, SettingsFields } from './manifest.js';
import type { ManifestIssue } from './manifest-issue.js';
import type { Place } from './manifest-source.js';

/** The manifest with every video and track spelled out: no pattern and no CSV file is left. */
export interface ExpandedManifest {
  readonly manifest: Manifest;
  readonly videos: readonly ExpandedVideo[];
  /** Absolute `output.dir`. */
  readonly outputDir: string;
  /** Mistakes found while expanding; {@link buildPlan} passes them on with its own, so that all are said at once. */
  readonly issues: readonly ManifestIssue[];
  /** Things said while expanding that stop nothing. */
  readonly warnings: readonly ManifestIssue[];
}

/** A media file as the user wrote it and as it is found. */
export interface ExpandedAsset {
  readonly source: AssetSource;
  readonly written: string;
  readonly place: Place;
}

export interface ExpandedVideo {
  readonly id: string;
  readonly video: ExpandedAsset;
  /** Length that the manifest states; trusted. */
  readonly durationMs: number | null;
  readonly mask: ExpandedAsset | null;
  /** What the video itself sets, without the defaults. */
  readonly settings: SettingsFields;
  readonly labels: Readonly<Record<string, string>>;
  readonly tracks: readonly ExpandedTrack[];
  readonly place: Place;
}

/** The same with all of it there, where it may be made of a row whenever somebody asks: for who asks for it often. */
export function wholeVideo(video: ExpandedVideo): ExpandedVideo {
  const { id, video: asset, durationMs, mask, settings, labels, tracks, place } = video;
  return { id, video: asset, durationMs, mask, settings, labels, tracks, place };
}

/** One voice's audio with the length that the manifest states for it. */
export interface ExpandedVoice {
  readonly asset: ExpandedAsset;
  readonly durationMs: number | null;
}

export type ExpandedVoices =
  | { readonly kind: 'one'; readonly audio: ExpandedVoice }
  | {
      readonly kind: 'two';
      readonly left: ExpandedVoice;
      readonly right: ExpandedVoice;
      readonly order: SpeakingOrder;
      /** The finished length that the manifest states. */
      readonly durationMs: number | null;
    };

export interface ExpandedTrack {
  /** Canonical tag. */
  readonly language: string;
  /** As the user wrote it. */
  readonly spelling: string;
  readonly voices: ExpandedVoices;
  /** The track's own mask; the video's holds when `null`. */
  readonly mask: ExpandedAsset | null;
  /** Subtitles to attach to its output. */
  readonly subtitles: ExpandedAsset | null;
  /** What the track itself sets. */
  readonly settings: SettingsFields;
  readonly labels: Readonly<Record<string, string>>;
  readonly place: Place;
}

/** The same as {@link wholeVideo} of a track. @param subtitles in the place of its own */
export function wholeTrack(track: ExpandedTrack, subtitles = track.subtitles): ExpandedTrack {
  const { language, spelling, voices, mask, settings, labels, place } = track;
  return { language, spelling, voices, mask, subtitles, settings, labels, place };
}
