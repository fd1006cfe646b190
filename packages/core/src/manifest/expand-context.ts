import type { LanguageNames } from '../language/language-names.js';
import type { AssetSource } from '../plan/plan.js';
import type { ManifestFiles } from './expand-manifest.js';
import type { ExpandedAsset } from './expanded.js';
import type { Manifest } from './manifest.js';
import type { Place } from './manifest-source.js';
import type { TrackFiles } from './track-files.js';
import type { Reporter, VideoDraft } from './video-builder.js';

/** What the kinds of entries share while a manifest is expanded. */
export interface ExpandContext {
  readonly manifest: Manifest;
  readonly files: ManifestFiles;
  readonly tracks: TrackFiles;
  /** The tag that a name stands for (`language_names`). */
  readonly tagOf: LanguageNames;
  readonly report: Reporter;
  /** The batch's labels with these on top. */
  labels(own: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>>;
  /** The explicit items that have this id or this source; the first takes the place of a match that has them. */
  explicitFor(id: string, source: AssetSource): readonly VideoDraft[];
  /** The video of this id, from whichever entry. */
  videoOf(id: string): VideoDraft | null;
  /** `false`, with an issue, when the id is taken. */
  add(draft: VideoDraft): boolean;
  readonly replaced: ReplacedMatch[];
  /** Keeps a CSV file's text for showing where an issue stands. */
  keepText(file: string, text: string): void;
}

/** A match whose place explicit items have taken. */
export interface ReplacedMatch {
  readonly id: string;
  readonly video: ExpandedAsset;
  readonly place: Place;
  readonly by: readonly VideoDraft[];
  /** What it would have tracks for, where the items have tracks of their own. */
  readonly languages: readonly string[];
  /** Of the tracks that the first item has now, those that were found by the match's name. */
  readonly given: readonly string[];
}
