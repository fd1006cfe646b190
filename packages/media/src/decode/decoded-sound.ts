import { type AudioCodec, AudioSample, AudioSampleSink, type InputAudioTrack, PCM_AUDIO_CODECS } from 'mediabunny';
import { packetsOf } from '../packets-of.js';
import { createPacketDecoder, type DecodedPackets, hasPacketDecoder, type PacketDecoder } from './packet-decoder.js';
import { takeDecoder } from './used-decoders.js';

/** A decoder that cannot make sense of a sound which could be read. */
export class UndecodableSound extends Error {
  override readonly name = 'UndecodableSound';
}

const DOLBY: readonly AudioCodec[] = ['ac3', 'eac3'];

/** True for what can be decoded here: all but AAC, of which there is no decoder under a free licence. */
export function canDecode(codec: AudioCodec): boolean {
  return isPcm(codec) || DOLBY.includes(codec) || hasPacketDecoder(codec);
}

/**
 * The sound of a track from its beginning; `close` each sample.
 *
 * Throws UndecodableSound, and what reading throws.
 * @param strict whether packets that are damaged are an error too, and not left out
 */
export async function* decodeSound(
  track: InputAudioTrack,
  { codec, config, strict }: { codec: AudioCodec; config: AudioDecoderConfig; strict: boolean },
): AsyncGenerator<AudioSample, void, undefined> {
  if (isPcm(codec)) return yield* new AudioSampleSink(track).samples(0);
  if (DOLBY.includes(codec)) return yield* decodeDolby(track);
  const decoder = await createPacketDecoder(codec, config);
  try {
    let seconds = 0;
    for await (const decoded of decodePackets(track, decoder)) {
      if (strict && decoded.errors.length > 0) throw new UndecodableSound(`${codec}: a packet is damaged`);
      if (decoded.samplesDecoded === 0) continue;
      yield sampleOf(decoded, seconds);
      seconds += decoded.samplesDecoded / decoded.sampleRate;
    }
  } finally {
    decoder.free();
  }
}

/** Packets after which a decoder has forgotten what it has decoded before: MP3 may need 511 bytes of earlier frames. */
const SETTLING_PACKETS = 10;

/**
 * The sound of a track but for its first packets, by a decoder that others have used before: many times faster for who
 * needs little of it. Ends early, maybe at once, where that decoder is not made for it.
 *
 * Throws what reading throws.
 */
export async function* decodeEarly(
  track: InputAudioTrack,
  { codec, config }: { codec: AudioCodec; config: AudioDecoderConfig },
): AsyncGenerator<{ readonly timestamp: number; readonly decoded: DecodedPackets }, void, undefined> {
  const decoder = await takeDecoder(codec, config);
  if (decoder === null) return;
  let isUsable = false;
  try {
    let packets = 0;
    for await (const packet of packetsOf(track)) {
      // What is wrong with a packet is told by a decoder of the track's own.
      const [decoded] = await decoder.decode(packet).catch(() => []);
      isUsable = decoded !== undefined && decoded.errors.length === 0;
      if (decoded === undefined || !isUsable) return;
      packets += 1;
      if (packets > SETTLING_PACKETS && decoded.samplesDecoded > 0) yield { timestamp: packet.timestamp, decoded };
    }
  } finally {
    if (isUsable) decoder.giveBack();
    else decoder.free();
  }
}

async function* decodePackets(track: InputAudioTrack, decoder: PacketDecoder): AsyncGenerator<DecodedPackets> {
  for await (const packet of packetsOf(track)) yield* await taken(decoder.decode(packet));
  yield* await taken(decoder.flush());
}

async function taken(decoding: Promise<readonly DecodedPackets[]>): Promise<readonly DecodedPackets[]> {
  try {
    return await decoding;
  } catch (error) {
    throw new UndecodableSound('the decoder gave up', { cause: error });
  }
}

function sampleOf({ channelData, samplesDecoded, sampleRate }: DecodedPackets, timestamp: number): AudioSample {
  const numberOfChannels = channelData.length;
  const data = new Float32Array(samplesDecoded * numberOfChannels);
  for (const [channel, values] of channelData.entries()) data.set(values, channel * samplesDecoded);
  return new AudioSample({ data, format: 'f32-planar', numberOfChannels, sampleRate, timestamp });
}

async function* decodeDolby(track: InputAudioTrack): AsyncGenerator<AudioSample, void, undefined> {
  const { registerAc3Decoder } = await import('@mediabunny/ac3');
  registerAc3Decoder();
  try {
    yield* new AudioSampleSink(track).samples(0);
  } catch (error) {
    throw new UndecodableSound('the decoder gave up', { cause: error });
  }
}

function isPcm(codec: AudioCodec): boolean {
  return (PCM_AUDIO_CODECS as readonly string[]).includes(codec);
}
