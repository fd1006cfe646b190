import type { ExpandedAsset, ExpandedTrack, ExpandedVideo, ExpandedVoice } from '../manifest/expanded.js';
import type { Finding } from '../manifest/manifest-issue.js';
import { billedMilliseconds } from '../money/price.js';
import type { FrameSize } from '../snapshot/snapshot.js';
import { formatSeconds } from '../text/words.js';
import { nameFault } from './file-kind.js';
import { type AssetRole, assetName, voicesOf } from './list-assets.js';
import type { AssetMedia, MediaByAsset, MediaFactsLike } from './media-facts.js';
import { measuredMs } from './misstated-voices.js';

/** What is known of one job's media files. */
export interface JobMedia {
  /** Length of the finished video. */
  readonly durationMs: number | null;
  /** The same by what a look at the files has shown, where that is another. */
  readonly heardMs: number | null;
  readonly billedMs: number | null;
  /** The same by what a look at the files has shown, else as stated: a provider bills its own measure. */
  readonly measuredMs: number | null;
  /** The manifest states how long a voice behind a URL is, and nobody has looked. */
  readonly isStated: boolean;
  /** What the voices speak on the route, to the millisecond. */
  readonly spokenMs: number | null;
  readonly videoMs: number | null;
  /** The source's picture; `null` where nobody looked. */
  readonly sourceSize: FrameSize | null;
  /** Containers that were seen, of an M4A with an unusual codec that too; `null` where nobody looked. */
  readonly containers: {
    readonly video: string | null;
    readonly audio: readonly (string | null)[];
    readonly image: string | null;
  };
  /** End of the last subtitle; `null` without any. */
  readonly subtitlesMs: number | null;
  /** Something is wrong with a file, so that the job cannot be made. */
  readonly broken: boolean;
}

export interface MediaFinding {
  readonly asset: ExpandedAsset;
  readonly finding: Finding;
}

export function jobMedia(
  video: ExpandedVideo,
  track: ExpandedTrack,
  media: MediaByAsset,
): JobMedia & { faults: readonly MediaFinding[] } {
  const mask = track.mask ?? video.mask;
  const look = (role: AssetRole, asset: ExpandedAsset) => media.get(assetName(role, asset.source));
  const seenVideo = look('video', video.video);
  const seenMask = mask === null ? undefined : look('mask', mask);
  const voices = voicesOf(track).map((voice) => ({ voice, seen: look('audio', voice.asset) }));
  const faults: MediaFinding[] = [];
  const check = (asset: ExpandedAsset, seen: AssetMedia | undefined, faultIn: FaultIn) => {
    const finding = findingOf(asset, seen, faultIn);
    if (finding !== null) faults.push({ asset, finding });
  };
  check(video.video, seenVideo, videoFault);
  for (const { voice, seen } of voices) check(voice.asset, seen, audioFault);
  if (mask !== null) check(mask, seenMask, () => null);
  const seenSubtitles = track.subtitles === null ? undefined : look('subtitles', track.subtitles);
  if (track.subtitles !== null) check(track.subtitles, seenSubtitles, () => null);
  const {
    durationMs,
    heardMs,
    billedMs,
    measuredMs: billable,
    spokenMs,
  } = lengthsOf(
    track,
    voices.map(({ voice, seen }) => voiceMs(voice, seen)),
    voices.map(({ voice, seen }) => measuredMs(voice, media) ?? voiceMs(voice, seen)),
  );
  // Each by its name: a spread with more members behind it takes most of the time that a job's media does.
  return {
    durationMs,
    heardMs,
    billedMs,
    measuredMs: billable,
    isStated: voices.some(({ voice, seen }) => isStatedOnly(voice, seen)),
    spokenMs,
    videoMs: video.durationMs ?? factsOf(seenVideo)?.durationMs ?? null,
    sourceSize: sizeOf(seenVideo),
    containers: {
      video: containerOf(seenVideo),
      audio: voices.map(({ seen }) => soundFormatOf(seen)),
      image: containerOf(seenMask),
    },
    subtitlesMs: factsOf(seenSubtitles)?.durationMs ?? null,
    broken: faults.length > 0,
    faults,
  };
}

/** @param heard the same voices by what a look at their files has shown */
function lengthsOf(track: ExpandedTrack, voices: readonly (number | null)[], heard: readonly (number | null)[]) {
  const [first = null, second = null] = voices;
  const [heardFirst = null, heardSecond = null] = heard;
  if (track.voices.kind === 'one') {
    const heardMs = heardFirst === first ? null : heardFirst;
    return { durationMs: first, heardMs, billedMs: first, measuredMs: heardFirst, spokenMs: first };
  }
  const { order, durationMs: stated } = track.voices;
  if (first === null || second === null || heardFirst === null || heardSecond === null)
    return { durationMs: stated, heardMs: null, billedMs: null, measuredMs: null, spokenMs: null };
  const together = (left: number, right: number) => (order === 'meanwhile' ? Math.max(left, right) : left + right);
  const spokenMs = together(first, second);
  const billedMs = billedMilliseconds(order, first, second);
  const measuredMs = billedMilliseconds(order, heardFirst, heardSecond);
  const allHeardMs = together(heardFirst, heardSecond);
  const heardMs = stated !== null || allHeardMs === spokenMs ? null : allHeardMs;
  return { durationMs: stated ?? spokenMs, heardMs, billedMs, measuredMs, spokenMs };
}

function voiceMs(voice: ExpandedVoice, seen: AssetMedia | undefined): number | null {
  const facts = factsOf(seen);
  return voice.durationMs ?? facts?.audioDurationMs ?? facts?.durationMs ?? null;
}

/** What lies on this machine is always looked at. */
function isStatedOnly({ asset, durationMs }: ExpandedVoice, seen: AssetMedia | undefined): boolean {
  return durationMs !== null && asset.source.kind === 'url' && factsOf(seen) === null;
}

function factsOf(seen: AssetMedia | undefined): MediaFactsLike | null {
  return seen !== undefined && 'facts' in seen ? seen.facts : null;
}

function containerOf(seen: AssetMedia | undefined): string | null {
  return factsOf(seen)?.container ?? null;
}

/** What a provider calls M4A is AAC; `m4a (opus)` where another codec is in it. */
function soundFormatOf(seen: AssetMedia | undefined): string | null {
  const facts = factsOf(seen);
  if (facts === null) return null;
  const isOther = facts.container === 'm4a' && facts.audio !== null && facts.audio.codec !== 'aac';
  return isOther ? `m4a (${facts.audio?.codec})` : facts.container;
}

/** By what was seen of a file: the jobs of one video share it. */
const sizes = new WeakMap<AssetMedia, FrameSize>();

function sizeOf(seen: AssetMedia | undefined): FrameSize | null {
  const video = factsOf(seen)?.video;
  if (seen === undefined || !video) return null;
  const size = sizes.get(seen) ?? { width: video.width, height: video.height };
  sizes.set(seen, size);
  return size;
}

type Fault = Omit<Finding, 'code'>;

type FaultIn = (facts: MediaFactsLike) => Fault | null;

function findingOf(asset: ExpandedAsset, seen: AssetMedia | undefined, faultIn: FaultIn): Finding | null {
  if (seen === undefined) return null;
  if ('error' in seen) {
    const finding = errorFinding(asset, seen.error);
    return seen.error.isFolder ? { ...finding, expected: inFolder(asset, faultIn === videoFault) } : finding;
  }
  const fault = faultIn(seen.facts) ?? nameFault(asset.source, seen.facts.container);
  return fault && { code: 'MEDIA', message: `${asset.written} ${fault.message}`, expected: fault.expected };
}

type MediaErrorLike = Extract<AssetMedia, { error: unknown }>['error'];

/** Another path as the manifest would write it, where it begins at the same folder. */
function writtenAs(other: string, written: string, path: string): string {
  const [prefix = '', tail = ''] = written.startsWith('./') ? ['./', written.slice(2)] : ['', written];
  const start = path.endsWith(tail) ? path.slice(0, path.length - tail.length) : null;
  return start !== null && other.startsWith(start) ? prefix + other.slice(start.length) : other;
}

/** A code that ends in MISSING says that the file is not there. */
function errorFinding(asset: ExpandedAsset, error: MediaErrorLike): Finding {
  if (/MISSING$|^ENOENT$/.test(error.code)) {
    const path = asset.source.kind === 'file' ? asset.source.path : asset.source.url;
    const where = path === asset.written ? '' : `looked at ${path}`;
    const { nearest } = error;
    const wanted = nearest === undefined ? 'a file' : `did you mean ${writtenAs(nearest, asset.written, path)}?`;
    const expected = [wanted, where].filter(Boolean).join(nearest === undefined ? '; ' : ' ');
    return { code: 'FILE_MISSING', message: `${asset.written} is not there`, expected };
  }
  return { code: 'MEDIA', message: error.message };
}

/** What is named was most likely all that is in the folder, which a pattern says for videos alone. */
function inFolder({ written }: ExpandedAsset, isVideo: boolean): string {
  const folder = written.replace(/\/+$/, '');
  return isVideo ? `a video in it, or \`from: ${folder}/*.mp4\` instead of \`source\` for all of them` : 'a file in it';
}

function videoFault(facts: MediaFactsLike): Fault | null {
  if (facts.video === null) return { message: 'has no picture', expected: 'a video' };
  return facts.durationMs <= 0 ? { message: 'is 0 s long', expected: 'a video with a length' } : null;
}

function audioFault(facts: MediaFactsLike): Fault | null {
  if (facts.audio === null) return { message: 'has no sound', expected: 'an audio file' };
  if ((facts.audioDurationMs ?? facts.durationMs) <= 0) {
    return { message: 'is 0 s long', expected: 'audio with a length' };
  }
  if (facts.silent === true) return { message: 'is silent from its beginning to its end', expected: 'a voice' };
  return null;
}

/** A track may differ from its video by this much before it is said: a second, or a tenth of the video. */
export function lengthsDiffer(trackMs: number, videoMs: number): boolean {
  return Math.abs(trackMs - videoMs) > Math.max(1000, videoMs / 10);
}

/** Subtitles may go on after their track by this much before it is said. */
const SUBTITLES_TOLERANCE_MS = 500;

export function lateSubtitlesFinding(key: string, { subtitlesMs, durationMs }: JobMedia): Finding | null {
  if (subtitlesMs === null || durationMs === null || subtitlesMs <= durationMs + SUBTITLES_TOLERANCE_MS) return null;
  const [subtitles, track] = [formatSeconds(subtitlesMs), formatSeconds(durationMs)];
  return {
    code: 'SUBTITLES_LATE',
    message: `the subtitles of ${key} go on to ${subtitles}, and its track ends at ${track}`,
  };
}

export function differenceFinding(key: string, trackMs: number, videoMs: number): Finding {
  const [track, video] = [formatSeconds(trackMs), formatSeconds(videoMs)];
  const relation = trackMs > videoMs ? 'longer' : 'shorter';
  return { code: 'LENGTH_DIFFERS', message: `the track of ${key} is ${track}, ${relation} than its video of ${video}` };
}
