import { NO_LABELS } from '../manifest/expand-track.js';
import type { ExpandedAsset, ExpandedTrack, ExpandedVideo } from '../manifest/expanded.js';
import { canonicalLabels } from '../manifest/label-name.js';
import type { JobMedia } from './job-media.js';
import { type AssetRole, assetKey, assetName } from './list-assets.js';
import type { MediaByAsset } from './media-facts.js';
import type { AssetSource, Finish, PlannedJob } from './plan.js';

/** The files and URLs that a job is made from. */
export interface JobSources extends Pick<PlannedJob, 'video' | 'voices' | 'mask'> {
  /** What is attached to its output. */
  readonly subtitles: AssetSource | null;
}

/** Finds a job's sources; local files with what they were when somebody looked at them. */
export function jobSources(media: MediaByAsset): (video: ExpandedVideo, track: ExpandedTrack) => JobSources {
  // Jobs that share a file share its source.
  const known: Record<AssetRole, Map<string, AssetSource>> = {
    video: new Map(),
    audio: new Map(),
    mask: new Map(),
    subtitles: new Map(),
  };
  const sourceOf = (role: AssetRole, { source }: ExpandedAsset) => {
    const key = assetKey(source);
    let shared = known[role].get(key);
    if (shared === undefined) {
      shared = withStamp(source, media.get(assetName(role, source)));
      known[role].set(key, shared);
    }
    return shared;
  };
  return (video, track) => {
    const { voices } = track;
    const mask = track.mask ?? video.mask;
    return {
      video: sourceOf('video', video.video),
      voices:
        voices.kind === 'one'
          ? { kind: 'one', audio: sourceOf('audio', voices.audio.asset) }
          : {
              kind: 'two',
              left: sourceOf('audio', voices.left.asset),
              right: sourceOf('audio', voices.right.asset),
              order: voices.order,
            },
      mask: mask && sourceOf('mask', mask),
      subtitles: track.subtitles && sourceOf('subtitles', track.subtitles),
    };
  };
}

function withStamp(source: AssetSource, looked: ReturnType<MediaByAsset['get']>): AssetSource {
  const file = looked !== undefined && 'facts' in looked ? looked.facts.file : undefined;
  return source.kind === 'file' && file !== undefined ? { kind: 'file', path: source.path, seen: file } : source;
}

/** What the plan has found out about a job. */
interface Found
  extends Pick<PlannedJob, 'key' | 'choices' | 'ineligible' | 'otherRoutes' | 'output' | 'position' | 'redo'> {
  readonly preference: string;
}

function labelsOf(video: ExpandedVideo, track: ExpandedTrack): PlannedJob['labels'] {
  const labels = canonicalLabels(video.labels);
  return track.labels === NO_LABELS ? labels : { ...labels, ...canonicalLabels(track.labels) };
}

/** One job of the plan, with no more members than it needs: there may be a hundred thousand. */
export function plannedJob(
  video: ExpandedVideo,
  track: ExpandedTrack,
  media: JobMedia,
  { sources, audio, found }: { sources: JobSources; audio: Finish['audio']; found: Found },
): PlannedJob {
  const { key, choices, ineligible, output, position, preference } = found;
  // One literal, and not a copy of `found`: a hundred thousand jobs have one shape that way.
  const job: { -readonly [K in keyof PlannedJob]: PlannedJob[K] } = {
    key,
    choices,
    ineligible,
    output,
    position,
    preference,
    videoId: video.id,
    language: track.language,
    languageSpelling: track.spelling,
    labels: labelsOf(video, track),
    video: sources.video,
    voices: sources.voices,
    mask: sources.mask,
    durationMs: media.durationMs,
    finish: { audio, title: video.id, language: track.language, subtitles: sources.subtitles },
  };
  if (media.heardMs !== null) job.heardMs = media.heardMs;
  if (media.isStated) job.isLengthStated = true;
  if (media.sourceSize !== null) job.sourceSize = media.sourceSize;
  if (found.redo !== undefined) job.redo = found.redo;
  if (found.otherRoutes !== undefined) job.otherRoutes = found.otherRoutes;
  return job;
}
