export { isSilent } from './is-silent.js';
export { MediaError, type MediaErrorCode } from './media-error.js';
export type { AudioFacts, MediaContainer, MediaFacts, VideoFacts } from './media-facts.js';
export { probe } from './probe.js';
export { type ImageFacts, probeImage } from './probe-image.js';
export { type Arrangement, type RemuxOptions, remux } from './remux/remux.js';
export { verifyVideo } from './verify-video.js';
