import { languageNames } from '../language/language-names.js';
import { assetKey } from '../plan/list-assets.js';
import type { AssetSource } from '../plan/plan.js';
import { foldedName } from '../text/folded-name.js';
import { checkLanguages, reportTrackless } from './check-languages.js';
import type { ExpandContext } from './expand-context.js';
import { expandCsv } from './expand-csv.js';
import { expandFrom, reportLeftOvers } from './expand-from.js';
import { createSubtitles } from './expand-subtitles.js';
import { assetOf, NO_LABELS, settingsOf } from './expand-track.js';
import { addTracks } from './expand-tracks.js';
import { type ExpandedManifest, wholeTrack } from './expanded.js';
import { fileStem } from './file-names.js';
import type { Manifest, VideoFields } from './manifest.js';
import { type ManifestIssue, sortIssues } from './manifest-issue.js';
import { type Path, under } from './manifest-source.js';
import { createTrackFiles } from './track-files.js';
import { createReporter, NO_TRACKS, sameId, type VideoDraft } from './video-builder.js';

/** What expanding needs of the disk, as plain functions. */
export interface ManifestFiles {
  /** An absolute path for one that is relative to the manifest's folder. */
  resolve(path: string): string;
  /** Files that match a glob pattern (`*`, `**`), absolute or relative to the manifest's folder. */
  listFiles(pattern: string): readonly string[];
  /** `null` when there is no such file. The path is one that `resolve` gave. */
  readText(path: string): string | null;
  /** The file that was most likely meant by a path where none is, as a manifest here would name it; `null`: none is near. */
  nearest?(path: string): string | null;
  isFolder?(path: string): boolean;
}

export interface ExpandResult {
  /** What could be spelled out, also when there are issues: the plan's mistakes are then said with them. */
  readonly expanded: ExpandedManifest;
  readonly issues: readonly ManifestIssue[];
  readonly warnings: readonly ManifestIssue[];
  /** Texts of the CSV files by the name that issues give them, for {@link formatIssues}. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Spells out every video and track: patterns become files, CSV rows become tracks. */
export function expandManifest(manifest: Manifest, options: { files: ManifestFiles }): ExpandResult {
  const { files } = options;
  const { reporter: report, issues, warnings } = createReporter(manifest.source);
  const drafts = createDrafts(manifest, files);
  const texts = new Map<string, string>();
  const tagOf = languageNames(manifest.language_names);
  const context: ExpandContext = {
    manifest,
    files,
    tagOf,
    tracks: createTrackFiles(files, tagOf),
    report,
    labels: (own) => labelsOver(manifest.labels, own),
    replaced: [],
    keepText: (file, text) => void texts.set(file, text),
    ...drafts.lookups((draft, first) =>
      report.error(draft.place, sameId(draft.id, first.video.written, draft.video.written)),
    ),
  };
  const read = manifest.videos.map((fields, index) => expandEntry(fields, ['videos', index], context, drafts));
  reportLeftOvers(context);
  const all = drafts.all();
  // Their tracks may stand in the file that could not be read.
  if (read.includes(false)) for (const video of all) if (video.tracks.length === 0) video.hasFaultyTrack = true;
  reportTrackless(all, context);
  checkLanguages(all, context);
  const subtitles = createSubtitles(context);
  for (const video of all) {
    video.tracks = video.tracks.map((track) => {
      const found = subtitles.of(video, track);
      return found === null ? track : wholeTrack(track, found);
    });
  }
  subtitles.reportHoles();
  const outputDir = files.resolve(
    manifest.source.pathFromManifest(['output', 'dir'], manifest.output?.dir ?? './localized'),
  );
  return {
    expanded: { manifest, videos: all, outputDir, issues, warnings },
    issues: sortIssues(issues),
    warnings: sortIssues(warnings),
    texts,
  };
}

type Drafts = ReturnType<typeof createDrafts>;

/** @returns whether it could be read, apart from mistakes in it */
function expandEntry(fields: VideoFields, path: Path, context: ExpandContext, drafts: Drafts): boolean {
  if (fields.csv !== undefined && fields.from === undefined) return expandCsv(fields, path, context);
  if (fields.from !== undefined) expandFrom(fields, path, context);
  else {
    const draft = drafts.explicit(Number(path[1]));
    if (draft === null) return true;
    context.add(draft);
    const tracks = { tracks: fields.tracks, path: under(path, 'tracks') };
    addTracks(draft, fileStem(draft.video.written), tracks, context);
  }
  return true;
}

/** The videos so far, in manifest order. Explicit items are known from the start, since they override matches. */
function createDrafts(manifest: Manifest, files: ManifestFiles) {
  const explicit = manifest.videos.map((fields, index) => explicitDraft(fields, index, manifest, files));
  const items = explicit.filter((draft) => draft !== null);
  const explicitById = new Map(items.map((draft) => [foldedName(draft.id), draft]));
  const explicitBySource = new Map(items.map((draft) => [assetKey(draft.video.source), [] as VideoDraft[]]));
  for (const draft of items) explicitBySource.get(assetKey(draft.video.source))?.push(draft);
  const added = new Map<string, VideoDraft>();
  return {
    explicit: (index: number) => explicit[index] ?? null,
    all: () => [...added.values()],
    lookups(
      onTaken: (draft: VideoDraft, first: VideoDraft) => void,
    ): Pick<ExpandContext, 'explicitFor' | 'videoOf' | 'add'> {
      return {
        explicitFor(id: string, source: AssetSource) {
          const byId = explicitById.get(foldedName(id));
          const bySource = explicitBySource.get(assetKey(source)) ?? [];
          return byId === undefined ? bySource : [byId, ...bySource.filter((draft) => draft !== byId)];
        },
        videoOf(id: string) {
          const name = foldedName(id);
          return explicitById.get(name) ?? added.get(name) ?? null;
        },
        add(draft: VideoDraft) {
          const name = foldedName(draft.id);
          const first = added.get(name);
          if (first === undefined) added.set(name, draft);
          else onTaken(draft, first);
          return first === undefined;
        },
      };
    },
  };
}

function explicitDraft(
  fields: VideoFields,
  index: number,
  manifest: Manifest,
  files: ManifestFiles,
): VideoDraft | null {
  const { id, source, mask_image: mask } = fields;
  if (id === undefined || source === undefined) return null;
  const path = ['videos', index];
  return {
    id,
    video: assetOf(source, { path: under(path, 'source') }, files.resolve),
    durationMs: fields.duration ?? null,
    mask: mask === undefined ? null : assetOf(mask, { path: under(path, 'mask_image') }, files.resolve),
    settings: settingsOf(fields),
    labels: labelsOver(manifest.labels, fields.labels),
    tracks: NO_TRACKS,
    takesTracks: fields.tracks === undefined,
    place: { path },
  };
}

function labelsOver(batch: VideoDraft['labels'] | undefined, own: VideoDraft['labels'] | undefined) {
  return own === undefined ? (batch ?? NO_LABELS) : { ...batch, ...own };
}
