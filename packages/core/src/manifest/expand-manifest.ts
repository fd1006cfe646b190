import { assetOf, expandTrack, NO_LABELS, type Resolve, settingsOf } from './expand-track.js';
import type { ExpandedManifest, ExpandedVideo } from './expanded.js';
import { fileStem } from './file-names.js';
import type { Manifest, VideoFields } from './manifest.js';
import type { ManifestIssue } from './manifest-issue.js';

/** What expanding needs of the disk, as plain functions. */
export interface ManifestFiles {
  /** An absolute path for one that is relative to the manifest's folder. */
  resolve(path: string): string;
  /** Files that match a glob pattern (`*`, `**`), absolute or relative to the manifest's folder. */
  listFiles(pattern: string): readonly string[];
  /** `null` when there is no such file. */
  readText(path: string): string | null;
}

export interface ExpandResult {
  /** `null` when there is any mistake. */
  readonly expanded: ExpandedManifest | null;
  readonly issues: readonly ManifestIssue[];
}

/** Spells out every video and track: patterns become files, CSV rows become tracks. */
export function expandManifest(manifest: Manifest, options: { files: ManifestFiles }): ExpandResult {
  const { resolve } = options.files;
  const videos = manifest.videos.flatMap((fields, index) =>
    fields.source === undefined ? [] : [explicitVideo(fields, index, resolve, manifest.labels ?? NO_LABELS)],
  );
  const outputDir = resolve(manifest.output?.dir ?? './localized');
  return { expanded: { manifest, videos, outputDir, warnings: [] }, issues: [] };
}

function explicitVideo(
  fields: VideoFields,
  index: number,
  resolve: Resolve,
  batchLabels: ExpandedVideo['labels'],
): ExpandedVideo {
  const path = ['videos', index];
  const source = fields.source ?? '';
  const context = { resolve, name: fileStem(source) };
  const tracks = typeof fields.tracks === 'object' ? fields.tracks : {};
  return {
    id: fields.id ?? '',
    video: assetOf(source, { path: [...path, 'source'] }, resolve),
    durationMs: fields.duration ?? null,
    mask:
      fields.mask_image === undefined ? null : assetOf(fields.mask_image, { path: [...path, 'mask_image'] }, resolve),
    settings: settingsOf(fields),
    labels: fields.labels === undefined ? batchLabels : { ...batchLabels, ...fields.labels },
    tracks: Object.entries(tracks).map(([tag, track]) => expandTrack(tag, track, [...path, 'tracks', tag], context)),
    place: { path },
  };
}
