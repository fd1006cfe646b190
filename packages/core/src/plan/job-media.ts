import type { ExpandedAsset, ExpandedTrack, ExpandedVideo, ExpandedVoice } from '../manifest/expanded.js';
import { billedMilliseconds } from '../money/price.js';
import type { FrameSize } from '../snapshot/snapshot.js';
import { type AssetRole, assetName, voicesOf } from './list-assets.js';
import type { AssetMedia, MediaByAsset, MediaFactsLike } from './media-facts.js';
import { type MediaFinding, mediaFaults, type SeenAsset } from './media-faults.js';
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

/**
 * What is known of one job's media: by what the manifest states of a voice, which it is trusted in, else by what was seen
 * of the files. `null` stands for what nobody has stated or looked at.
 */
export function jobMedia(
  video: ExpandedVideo,
  track: ExpandedTrack,
  media: MediaByAsset,
): JobMedia & { faults: readonly MediaFinding[] } {
  const look = (role: AssetRole, asset: ExpandedAsset): SeenAsset => ({
    role,
    asset,
    seen: media.get(assetName(role, asset.source)),
  });
  const mask = track.mask ?? video.mask;
  const source = look('video', video.video);
  const voices = voicesOf(track).map((voice) => ({ voice, ...look('audio', voice.asset) }));
  const seenMask = mask && look('mask', mask);
  const subtitles = track.subtitles && look('subtitles', track.subtitles);
  const lengths = lengthsOf(
    track,
    voices.map(({ voice, seen }) => voiceMs(voice, seen)),
    voices.map(({ voice, seen }) => measuredMs(voice, media) ?? voiceMs(voice, seen)),
  );
  const faults = mediaFaults([source, ...voices, seenMask, subtitles].filter((asset) => asset !== null));
  // Each by its name: a spread with more members behind it takes most of the time that a job's media does.
  return {
    durationMs: lengths.durationMs,
    heardMs: lengths.heardMs,
    billedMs: lengths.billedMs,
    measuredMs: lengths.measuredMs,
    isStated: voices.some(({ voice, seen }) => isStatedOnly(voice, seen)),
    spokenMs: lengths.spokenMs,
    videoMs: video.durationMs ?? factsOf(source.seen)?.durationMs ?? null,
    sourceSize: sizeOf(source.seen),
    containers: {
      video: containerOf(source.seen),
      audio: voices.map(({ seen }) => soundFormatOf(seen)),
      image: containerOf(seenMask?.seen),
    },
    subtitlesMs: factsOf(subtitles?.seen)?.durationMs ?? null,
    broken: faults.length > 0,
    faults,
  };
}

type Lengths = Pick<JobMedia, 'durationMs' | 'heardMs' | 'billedMs' | 'measuredMs' | 'spokenMs'>;

/** @param heard the same voices by what a look at their files has shown */
function lengthsOf(
  track: ExpandedTrack,
  voices: readonly (number | null)[],
  heard: readonly (number | null)[],
): Lengths {
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
