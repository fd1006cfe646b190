/** The container formats that can be told apart, by content and never by file name. */
export type MediaContainer =
  | 'mp4'
  | 'mov'
  | 'webm'
  | 'matroska'
  | 'mpegts'
  | 'mp3'
  | 'wav'
  /** MP4 without a video track. */
  | 'm4a'
  | 'ogg'
  | 'flac'
  | 'adts';

/** The first video track: codec as mediabunny names it ('avc', 'vp9'…), size in pixels as displayed. */
export interface VideoFacts {
  codec: string;
  width: number;
  height: number;
  /** Frames a second, or null where telling it would mean reading much of a remote file. */
  frameRate: number | null;
}

/** The first audio track: codec as mediabunny names it ('aac', 'mp3', 'pcm-s16'…), sample rate in hertz. */
export interface AudioFacts {
  codec: string;
  channels: number;
  sampleRate: number;
  /** Whether its sound can be decoded here, and so mixed with another; all that is needed to copy it is to read it. */
  decodable: boolean;
}

/**
 * What is known of a media file. Durations are whole milliseconds, rounded to the nearest, and counted from the file's first
 * picture or sound, wherever its clock stands then.
 */
export interface MediaFacts {
  /** The container's duration: the end of its longest track. */
  durationMs: number;
  /** End of the first video track; null without one, or where it isn't known without reading the whole file. */
  videoDurationMs: number | null;
  /** End of the first audio track; null without one, or where it isn't known without reading the whole file. */
  audioDurationMs: number | null;
  container: MediaContainer;
  /** Size of the file; null where a server does not say. */
  bytes: number | null;
  video: VideoFacts | null;
  audio: AudioFacts | null;
  /** Whether nothing can be heard; `null` where that can't be told. Absent where nobody listened. */
  silent?: boolean | null;
}
