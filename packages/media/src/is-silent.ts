import { type OpenMedia, withMedia } from './open-media.js';
import { canDecode, decodeVoice } from './remux/decoded-voice.js';

/** -60 dB of full level: under any speech, over the noise of a converter. */
const AUDIBLE = 0.001;

/**
 * Whether nothing can be heard in a local file, by decoding it up to its first sound. `null` where it can't be decoded
 * here (anything but PCM and MP3) or holds no sound at all.
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
  if (!track || !codec || !config || !canDecode(codec)) return null;
  const voice = { media, codec, config, track, startSeconds: 0, endSeconds: Number.POSITIVE_INFINITY };
  const format = { sampleRate: config.sampleRate, channels: config.numberOfChannels };
  for await (const chunk of decodeVoice(voice, format)) {
    if (chunk.some((value) => value > AUDIBLE || value < -AUDIBLE)) return false;
  }
  return true;
}
