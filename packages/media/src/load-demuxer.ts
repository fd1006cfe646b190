import type * as Demuxed from './demuxed.js';

let loaded: Promise<typeof Demuxed> | undefined;

/** The demuxer is a third of the command's code, and most commands open no media file: it is loaded with the first one. */
const load = () => (loaded ??= import('./demuxed.js'));

export const finishVideo: typeof Demuxed.finishVideo = async (options) => (await load()).finishVideo(options);
export const inspect: typeof Demuxed.inspect = async (source, options) => (await load()).inspect(source, options);
export const probe: typeof Demuxed.probe = async (source, options) => (await load()).probe(source, options);
export const probeImage: typeof Demuxed.probeImage = async (source, options) =>
  (await load()).probeImage(source, options);
export const probeSubtitles: typeof Demuxed.probeSubtitles = async (path) => (await load()).probeSubtitles(path);
export const remux: typeof Demuxed.remux = async (options) => (await load()).remux(options);
export const tagVideo: typeof Demuxed.tagVideo = async (video, tags) => (await load()).tagVideo(video, tags);
export const verifyVideo: typeof Demuxed.verifyVideo = async (video) => (await load()).verifyVideo(video);
