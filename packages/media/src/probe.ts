import { extname } from 'node:path';
import {
  ADTS,
  EncodedPacketSink,
  FLAC,
  type Input,
  type InputAudioTrack,
  type InputFormat,
  type InputTrack,
  type InputVideoTrack,
  MATROSKA,
  MP3,
  MP4,
  MPEG_TS,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny';
import { COMMANDS } from './convert-command.js';
import { canDecode } from './decode/decoded-sound.js';
import { foreignFile } from './foreign-file.js';
import { frameRateIn } from './isobmff/frame-rate.js';
import type { LocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import type { AudioFacts, MediaContainer, MediaFacts, VideoFacts } from './media-facts.js';
import { startOf } from './media-start.js';
import { countsBytes, countsFramesLike, judgeXing, promisedMs, readXing } from './mp3-frames.js';
import { walkMp3 } from './mp3-walk.js';
import { type OpenMedia, withMedia } from './open-media.js';
import { packetsOf } from './packets-of.js';
import type { RemoteFile } from './remote-file.js';
import { unknownCodec } from './unknown-codec.js';

/** Frames that a frame rate is told from: enough to see through rounded timestamps, cheap in every container. */
const FRAMES_FOR_RATE = 100;

const CONTAINERS = new Map<InputFormat, MediaContainer>([
  [MP4, 'mp4'],
  [QTFF, 'mov'],
  [WEBM, 'webm'],
  [MATROSKA, 'matroska'],
  [MPEG_TS, 'mpegts'],
  [MP3, 'mp3'],
  [WAVE, 'wav'],
  [OGG, 'ogg'],
  [FLAC, 'flac'],
  [ADTS, 'adts'],
]);

/**
 * Reads what a media file is, by its content. `source` is a path or an http(s) URL; a URL is read by range requests,
 * so that its headers cross the network and not all of it (raw AAC and some Ogg and MP3 files excepted, which don't say how
 * long they are, or say it of another file). From a server without ranges the file is read once from its start, as far as needed and without keeping it.
 *
 * Headers are believed: a file that was cut may claim its old length. `inspect` looks closer.
 *
 * Throws MediaError; an abort is thrown as the signal's reason.
 */
export async function probe(source: string, options: { signal?: AbortSignal } = {}): Promise<MediaFacts> {
  return withMedia(source, options.signal, readFacts);
}

/** The facts of an open file. What cannot be read is told by name, where it is something that people use. */
export async function readFacts(media: OpenMedia): Promise<MediaFacts> {
  try {
    return await readReadable(media);
  } catch (error) {
    throw MediaError.isInstance(error) ? error : await named(media, error);
  }
}

/** What a file is instead, where that is known; else the error as it is. */
async function named(media: OpenMedia, error: unknown): Promise<unknown> {
  const head = await media.head();
  return (head && foreignFile(media.name, head, error)) ?? error;
}

async function readReadable(media: OpenMedia): Promise<MediaFacts> {
  const { input, name } = media;
  const remote = media.file === null;
  const format = CONTAINERS.get(await input.getFormat());
  if (format === undefined) throw new MediaError('MEDIA_UNREADABLE', `${name} is in a format that is not supported`);
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  if (video === null && audio === null) {
    throw await named(media, new MediaError('MEDIA_UNREADABLE', `${name} holds neither audio nor video`));
  }
  if (format === 'mp3' && audio !== null) await refuseOtherLayers(audio, name);
  if (format === 'flac' && audio !== null) await refuseHeaderAlone(audio, name);
  const told = format === 'mp3' ? await mp3Seconds(media) : null;
  const length: Length = { startSeconds: await startOf(input), format, remote, told };
  const durationMs = toMs(await containerDuration(input, length));
  if (durationMs <= 0) throw new MediaError('MEDIA_UNREADABLE', `${name} holds no sound and no picture (length 0)`);
  return {
    durationMs,
    videoDurationMs: audio === null ? durationMs : await trackDurationMs(video, length),
    audioDurationMs: video === null ? durationMs : await trackDurationMs(audio, length),
    container: format === 'mp4' && video === null ? 'm4a' : format,
    bytes: media.bytes(),
    video: video === null ? null : await videoFacts(video, media, format),
    audio: audio === null ? null : await audioFacts(audio, name, video === null ? 'audio' : 'soundOfVideo'),
  };
}

const LAYER_3 = 1;

/** MPEG audio of Layers I and II is framed like that of Layer III, which alone is MP3. */
async function refuseOtherLayers(track: InputAudioTrack, name: string): Promise<void> {
  const first = await new EncodedPacketSink(track).getFirstPacket();
  const layer = ((first?.data[1] ?? 0) >> 1) & 3;
  if (first === null || layer === LAYER_3) return;
  const what = `MPEG audio ${layer === 2 ? 'Layer II (MP2)' : 'Layer I'}, not MP3`;
  throw new MediaError('MEDIA_UNREADABLE', `${name} is ${what}; ${COMMANDS.audio(extname(name))}`);
}

/** The demuxer would look for the end of a FLAC without a first frame for ever. */
async function refuseHeaderAlone(track: InputAudioTrack, name: string): Promise<void> {
  if ((await new EncodedPacketSink(track).getFirstPacket({ metadataOnly: true })) !== null) return;
  throw new MediaError('MEDIA_INCOMPLETE', `${name} is incomplete: no sound follows its header`);
}

/** What a length is told by. */
interface Length {
  readonly startSeconds: number;
  readonly format: MediaContainer;
  readonly remote: boolean;
  /** Seconds of an MP3, where it says so and keeps its word, and of a remote one in any case. */
  readonly told: number | null;
}

/** Of a remote MP3 that does not say how long it is, no more than this is fetched to measure it. */
const MOST_MEASURED_BYTES = 64 * 2 ** 20;

/** Of a remote MP3 so much is looked at behind its tag: some seconds of speech, and fetched already where the tag is small. */
const BEGINNING_BYTES = 32_768;

/** `null` of a local one that must be followed frame by frame. */
function mp3Seconds({ file, remote, name }: OpenMedia): Promise<number | null> | null {
  if (file !== null) return lengthByXing(file);
  return remote && remoteMp3Seconds(remote, name);
}

/** Throws MEDIA_UNREADABLE of what is too large to be measured: how long it is would be a guess. */
async function remoteMp3Seconds(remote: RemoteFile, name: string): Promise<number> {
  const bytes = remote.bytes();
  const header = await readXing(remote);
  const milliseconds = header && promisedMs(header);
  if (header !== null && milliseconds && countsBytes(header, bytes)) {
    const beginning = await remote.readAt(0, header.at + BEGINNING_BYTES);
    if (countsFramesLike(header, beginning)) return milliseconds / 1000;
    // A voice may begin late: then some places behind tell.
    if (bytes !== null && (await judgeXing({ bytes, readAt: remote.readAt }, header)) === 'kept')
      return milliseconds / 1000;
  }
  const isLarge = bytes !== null && bytes > MOST_MEASURED_BYTES;
  const seconds = isLarge ? null : await walkMp3(remote.chunks(), MOST_MEASURED_BYTES);
  if (seconds !== null) return seconds;
  const most = `${MOST_MEASURED_BYTES / 2 ** 20} MiB`;
  throw new MediaError(
    'MEDIA_UNREADABLE',
    `${name} does not say how long it is, and more than ${most} would have to be read to measure it; state its ` +
      '`duration`, or give it a true header: ffmpeg -i in.mp3 -c copy out.mp3',
  );
}

async function lengthByXing(file: LocalFile): Promise<number | null> {
  const header = await readXing(file);
  const milliseconds = header && promisedMs(header);
  if (header === null || milliseconds === null || (await judgeXing(file, header)) !== 'kept') return null;
  return milliseconds / 1000;
}

/** Seconds. What the container says; for a local MP3 and for containers that don't say, what its packets say. */
async function containerDuration(input: Input, { startSeconds, format, told: kept }: Length): Promise<number> {
  if (kept !== null) return kept - startSeconds;
  // An MP3's own count of frames is often absent or, after cutting, wrong; then it is followed frame by frame.
  const told = format === 'mp3' || isAmbiguous(format, startSeconds) ? null : await input.getDurationFromMetadata();
  return (told ?? (await input.computeDuration(undefined, { metadataOnly: true }))) - startSeconds;
}

async function trackDurationMs(
  track: InputTrack | null,
  { startSeconds, format, remote }: Length,
): Promise<number | null> {
  if (track === null) return null;
  const told = isAmbiguous(format, startSeconds) ? null : await track.getDurationFromMetadata();
  if (told === null && remote) return null;
  return toMs((told ?? (await track.computeDuration({ metadataOnly: true }))) - startSeconds);
}

/** Of a Matroska file that begins late, some programs write where it ends, others how long it is. */
function isAmbiguous(format: MediaContainer, startSeconds: number): boolean {
  return startSeconds > 0 && (format === 'matroska' || format === 'webm');
}

async function videoFacts(
  track: InputVideoTrack,
  { name, file }: OpenMedia,
  format: MediaContainer,
): Promise<VideoFacts> {
  const codec = await track.getCodec();
  if (codec === null) throw await unknownCodec(track, { name, of: 'video' });
  const hasIndex = format === 'mp4' || format === 'mov';
  // Of others over the network, frames are all over the file.
  const rate = file !== null || hasIndex ? await frameRate(track, hasIndex ? file : null) : null;
  return {
    codec,
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    frameRate: rate === null || !Number.isFinite(rate) ? null : Math.round(rate * 1000) / 1000,
  };
}

/** Frames a second of the beginning, whatever order they are decoded in. @param indexed a file with an index of its frames */
async function frameRate(track: InputVideoTrack, indexed: LocalFile | null): Promise<number> {
  const told = indexed?.content ? frameRateIn(indexed.content, FRAMES_FOR_RATE) : null;
  if (told !== null) return told;
  let [frames, start, end] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const { timestamp, duration } of packetsOf(track, { metadataOnly: true })) {
    // What is shown before others that were counted is counted too.
    if (frames >= FRAMES_FOR_RATE && timestamp >= end) break;
    start = Math.min(start, timestamp);
    end = Math.max(end, timestamp + duration);
    frames += 1;
  }
  return frames / (end - start);
}

async function audioFacts(track: InputAudioTrack, name: string, of: 'audio' | 'soundOfVideo'): Promise<AudioFacts> {
  const codec = await track.getCodec();
  if (codec === null) throw await unknownCodec(track, { name, of });
  const [channels, sampleRate] = [await track.getNumberOfChannels(), await track.getSampleRate()];
  return { codec, channels, sampleRate, decodable: canDecode(codec) };
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}
