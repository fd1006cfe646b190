export { followRedirects, RedirectLoop } from './follow-redirects.js';
export { INSPECTION } from './inspection.js';
export type { Mp4Tags } from './isobmff/tagged-movie.js';
export {
  finishVideo,
  inspect,
  probe,
  probeImage,
  probeSubtitles,
  remux,
  tagVideo,
  verifyVideo,
} from './load-demuxer.js';
export type { FileTimes } from './local-file-here.js';
export { MediaError, type MediaErrorCode } from './media-error.js';
export type { AudioFacts, MediaContainer, MediaFacts, VideoFacts } from './media-facts.js';
export type { ImageFacts } from './probe-image.js';
export type { SubtitleFacts } from './probe-subtitles.js';
export type { Arrangement, Sound } from './remux/arranged-sound.js';
export type { FinishVideoOptions } from './remux/finish-video.js';
export { isPlayablePicture } from './remux/playable-picture.js';
export type { Remuxed, RemuxOptions } from './remux/remux.js';
export { type FileToInspect, type InspectedFile, inspectFiles } from './threads/inspect-files.js';
export type { VideoBytes } from './verify-video.js';
