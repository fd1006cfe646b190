import { setImmediate } from 'node:timers/promises';
import type { AudioCodec, AudioSample, InputAudioTrack } from 'mediabunny';
import { isSilentFrame } from './aac-frame.js';
import { canDecode, decodeEarly, decodeSound, UndecodableSound } from './decode/decoded-sound.js';
import { firstSample } from './flac-frame.js';
import { explainErrors, type OpenMedia } from './open-media.js';
import { packetsOf } from './packets-of.js';
import { holdsLouder } from './pcm-samples.js';

/** -60 dB of full level: under any speech, over the noise of a converter. */
const AUDIBLE = 0.001;

/** Seconds of sound after which others get their turn, and an abort is seen. */
const SECONDS_A_TURN = 10;

/** Of a file behind a URL, no more than this is fetched to hear whether there is any sound. */
const MOST_REMOTE_BYTES = 32 * 2 ** 20;

/**
 * Whether nothing can be heard in an open file that lasts so long: by decoding up to the first sound, AAC by its frames, of
 * which none may have any coefficients. `null` where its codec, or some part of it, can't be decoded here, where it holds no
 * sound, and where a file behind a URL is silent for so long that the rest is not fetched, or can't be.
 *
 * Throws MediaError; an abort is thrown as the signal's reason.
 */
export async function isSilent(
  media: OpenMedia,
  durationMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean | null> {
  const track = await media.input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  const config = await track?.getDecoderConfig();
  if (!track || !codec || !config) return null;
  const mostSeconds = secondsToHear(media, durationMs);
  try {
    if (codec === 'aac') return await hasSilentFrames(media, track, config.description === undefined, mostSeconds);
    if (!canDecode(codec)) return null;
    if (await isHeardEarly(earlySounds(track, { codec, config }), await track.getFirstTimestamp())) return false;
    return await areSilent(decodeSound(track, { codec, config, strict: true }), mostSeconds, signal);
  } catch (error) {
    // Closing the file on an abort makes a decoder fail too.
    signal?.throwIfAborted();
    if (error instanceof UndecodableSound || media.file === null) return null;
    throw error;
  }
}

function secondsToHear(media: OpenMedia, durationMs: number): number {
  if (media.file !== null) return Number.POSITIVE_INFINITY;
  const bytes = media.bytes();
  return bytes === null ? 0 : (MOST_REMOTE_BYTES / bytes) * (durationMs / 1000);
}

/** Sound that does not begin within so much is looked for from the beginning, with a decoder of its own. */
const EARLY_SECONDS = 3;

async function isHeardEarly(sounds: AsyncIterable<EarlySound>, startSeconds: number): Promise<boolean> {
  for await (const { timestamp, isAudible } of sounds) {
    if (isAudible) return true;
    if (timestamp - startSeconds > EARLY_SECONDS) return false;
  }
  return false;
}

/** A part of the beginning of a track. */
interface EarlySound {
  readonly timestamp: number;
  readonly isAudible: boolean;
}

interface Coded {
  readonly codec: AudioCodec;
  readonly config: AudioDecoderConfig;
}

/** What is loud in it is so for certain, and what is not may be. Without any, where that takes a decoder of its own. */
async function* earlySounds(track: InputAudioTrack, { codec, config }: Coded): AsyncGenerator<EarlySound> {
  if (codec === 'flac') {
    // Of each frame one sample.
    for await (const { data, timestamp } of packetsOf(track)) {
      yield { timestamp, isAudible: Math.abs(firstSample(data) ?? 0) > AUDIBLE };
    }
    return;
  }
  if (codec.startsWith('pcm-')) {
    for await (const { data, timestamp } of packetsOf(track)) {
      const isAudible = holdsLouder(data, codec, AUDIBLE);
      if (isAudible === null) return;
      yield { timestamp, isAudible };
    }
    return;
  }
  for await (const { timestamp, decoded } of decodeEarly(track, { codec, config })) {
    yield { timestamp, isAudible: decoded.channelData.some(holdsAudible) };
  }
}

async function areSilent(
  samples: AsyncIterable<AudioSample>,
  mostSeconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean | null> {
  let seconds = 0;
  let turnAt = SECONDS_A_TURN;
  for await (const sample of samples) {
    const audible = isAudible(sample);
    seconds += sample.duration;
    sample.close();
    if (audible) return false;
    if (seconds > mostSeconds) return null;
    if (seconds < turnAt) continue;
    turnAt += SECONDS_A_TURN;
    await setImmediate();
    signal?.throwIfAborted();
  }
  return seconds === 0 ? null : true;
}

function isAudible(sample: AudioSample): boolean {
  const values = new Float32Array(sample.numberOfFrames * sample.numberOfChannels);
  sample.copyTo(values, { planeIndex: 0, format: 'f32' });
  return holdsAudible(values);
}

function holdsAudible(values: Float32Array): boolean {
  for (const value of values) if (value > AUDIBLE || value < -AUDIBLE) return true;
  return false;
}

const ADTS_HEADER = { bytes: 7, withChecksum: 9 };

async function hasSilentFrames(
  media: OpenMedia,
  track: InputAudioTrack,
  isAdts: boolean,
  mostSeconds: number,
): Promise<boolean | null> {
  const startSeconds = await track.getFirstTimestamp();
  for await (const { data, timestamp } of explainErrors(media, packetsOf(track))) {
    const hasNoChecksum = ((data[1] ?? 0) & 1) === 1;
    const header = hasNoChecksum ? ADTS_HEADER.bytes : ADTS_HEADER.withChecksum;
    const silent = isSilentFrame(isAdts ? data.subarray(header) : data);
    if (silent !== true) return silent;
    if (timestamp - startSeconds > mostSeconds) return null;
  }
  return true;
}
