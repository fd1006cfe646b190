import { EncodedPacketSink, type InputAudioTrack } from 'mediabunny';
import { isSilentFrame } from './aac-frame.js';
import { explainErrors, type OpenMedia, withMedia } from './open-media.js';
import { canDecode, decodeVoice } from './remux/decoded-voice.js';

/** -60 dB of full level: under any speech, over the noise of a converter. */
const AUDIBLE = 0.001;

/**
 * Whether nothing can be heard in a local file: PCM and MP3 by decoding up to the first sound, AAC by its frames, of which
 * none may have any coefficients. `null` where nothing here reads its codec, or where it holds no sound at all.
 *
 * Throws MediaError; an abort is thrown as the signal's reason.
 */
export function isSilent(path: string, options: { signal?: AbortSignal } = {}): Promise<boolean | null> {
  return withMedia(path, options.signal, readSilence);
}

async function readSilence(media: OpenMedia): Promise<boolean | null> {
  const track = await media.input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  const config = await track?.getDecoderConfig();
  if (!track || !codec || !config) return null;
  if (codec === 'aac') return hasSilentFrames(media, track, config.description === undefined);
  if (!canDecode(codec)) return null;
  const voice = { media, codec, config, track, startSeconds: 0, endSeconds: Number.POSITIVE_INFINITY };
  const format = { sampleRate: config.sampleRate, channels: config.numberOfChannels };
  for await (const chunk of decodeVoice(voice, format)) {
    if (chunk.some((value) => value > AUDIBLE || value < -AUDIBLE)) return false;
  }
  return true;
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
