import { NO_LABELS } from '../manifest/expand-track.js';
import type { ExpandedAsset, ExpandedTrack, ExpandedVideo } from '../manifest/expanded.js';
import type { JobMedia } from './job-media.js';
import { type AssetRole, assetName } from './list-assets.js';
import type { MediaByAsset } from './media-facts.js';
import type { AssetSource, Finish, PlannedJob } from './plan.js';

/** The files and URLs that a job is made from. */
export interface JobSources extends Pick<PlannedJob, 'video' | 'voices' | 'mask'> {
  /** What is attached to its output. */
  readonly subtitles: AssetSource | null;
}

/** Finds a job's sources; local files with what they were when somebody looked at them. */
export function jobSources(media: MediaByAsset): (video: ExpandedVideo, track: ExpandedTrack) => JobSources {
  const stamped = new Map<string, AssetSource>();
  const sourceOf = (role: AssetRole, { source }: ExpandedAsset): AssetSource => {
    const name = assetName(role, source);
    const known = stamped.get(name) ?? withStamp(source, media.get(name));
    stamped.set(name, known);
    return known;
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
  return source.kind === 'file' && file !== undefined ? { ...source, seen: file } : source;
}

export function plannedJob(
  video: ExpandedVideo,
  track: ExpandedTrack,
  media: JobMedia,
  {
    subtitles,
    audio,
    ...rest
  }: JobSources &
    Pick<Finish, 'audio'> &
    Pick<PlannedJob, 'key' | 'choices' | 'ineligible' | 'output' | 'position' | 'preference' | 'redo'>,
): PlannedJob {
  return {
    ...rest,
    finish: { audio, title: video.id, language: track.language, subtitles },
    videoId: video.id,
    language: track.language,
    languageSpelling: track.spelling,
    labels: track.labels === NO_LABELS ? video.labels : { ...video.labels, ...track.labels },
    durationMs: media.durationMs,
    ...(media.sourceSize && { sourceSize: media.sourceSize }),
  };
}
