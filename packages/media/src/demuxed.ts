/** All that opens a media file: one door to it, behind which the demuxer is. */
export { inspect } from './inspect.js';
export { probe } from './probe.js';
export { probeImage } from './probe-image.js';
export { probeSubtitles } from './probe-subtitles.js';
export { finishVideo, tagVideo } from './remux/finish-video.js';
export { remux } from './remux/remux.js';
export { verifyVideo } from './verify-video.js';
