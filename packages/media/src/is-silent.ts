import { setImmediate } from 'node:timers/promises';
import { type AudioSample, EncodedPacketSink, type InputAudioTrack } from 'mediabunny';
import { isSilentFrame } from './aac-frame.js';
import { canDecode, decodeSound, UndecodableSound } from './decode/decoded-sound.js';
import { explainErrors, type OpenMedia, withMedia } from './open-media.js';

/** -60 dB of full level: under any speech, over the noise of a converter. */
const AUDIBLE = 0.001;

/** Seconds of sound after which others get their turn, and an abort is seen. */
const SECONDS_A_TURN = 10;

/**
 * Whether nothing can be heard in a local file: by decoding up to the first sound, AAC by its frames, of which none may
 * have any coefficients. `null` where its codec, or some part of it, can't be decoded here, or where it holds no sound.
 *
 * Throws MediaError; an abort is thrown as the signal's reason.
 */
export function isSilent(path: string, options: { signal?: AbortSignal } = {}): Promise<boolean | null> {
  return withMedia(path, options.signal, (media) => readSilence(media, options.signal));
}

async function readSilence(media: OpenMedia, signal: AbortSignal | undefined): Promise<boolean | null> {
  const track = await media.input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  const config = await track?.getDecoderConfig();
  if (!track || !codec || !config) return null;
  if (codec === 'aac') return hasSilentFrames(media, track, config.description === undefined);
  if (!canDecode(codec)) return null;
  try {
    return await areSilent(decodeSound(track, { codec, config, strict: true }), signal);
  } catch (error) {
    // Closing the file on an abort makes a decoder fail too.
    signal?.throwIfAborted();
    if (error instanceof UndecodableSound) return null;
    throw error;
  }
}

async function areSilent(
  samples: AsyncIterable<AudioSample>,
  signal: AbortSignal | undefined,
): Promise<boolean | null> {
  let seconds = 0;
  let turnAt = SECONDS_A_TURN;
  for await (const sample of samples) {
    const audible = isAudible(sample);
    seconds += sample.duration;
    sample.close();
    if (audible) return false;
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
  for (const value of values) if (value > AUDIBLE || value < -AUDIBLE) return true;
  return false;
}

const ADTS_HEADER = { bytes: 7, withChecksum: 9 };

async function hasSilentFrames(media: OpenMedia, track: InputAudioTrack, isAdts: boolean): Promise<boolean | null> {
  for await (const { data } of explainErrors(media, new EncodedPacketSink(track).packets())) {
    const hasNoChecksum = ((data[1] ?? 0) & 1) === 1;
    const header = hasNoChecksum ? ADTS_HEADER.bytes : ADTS_HEADER.withChecksum;
    const silent = isSilentFrame(isAdts ? data.subarray(header) : data);
    if (silent !== true) return silent;
  }
  return true;
}
