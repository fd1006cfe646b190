import type { AudioCodec, EncodedPacket } from 'mediabunny';
import { opusStreams } from './opus-streams.js';
import { createVorbisDecoder } from './vorbis-decoder.js';

/** What a decoder makes of some packets: samples between -1 and 1, one array a channel. */
export interface DecodedPackets {
  readonly channelData: readonly Float32Array[];
  /** Of one channel; of 0 samples, `channelData` may be anything. */
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  /** What it took for damaged and left out. */
  readonly errors: readonly unknown[];
}

/** Decodes the packets of one track in their order; `free` it. */
export interface PacketDecoder {
  /** Throws on a packet that it cannot take. */
  decode(packet: EncodedPacket): Promise<readonly DecodedPackets[]>;
  /** What is left after the last packet. */
  flush(): Promise<readonly DecodedPackets[]>;
  free(): void;
}

/**
 * The decoders that mediabunny has none of, each loaded at its first use. They run on this thread: starting a worker costs
 * more than decoding a minute of speech.
 */
const DECODERS: Partial<Record<AudioCodec, (config: AudioDecoderConfig) => Promise<PacketDecoder>>> = {
  mp3: async () => {
    const { MPEGDecoder } = await import('mpg123-decoder');
    const decoder = new MPEGDecoder({ enableGapless: false });
    await decoder.ready;
    return frameByFrame(decoder, (data) => decoder.decodeFrame(data));
  },
  opus: async (config) => {
    const { OpusDecoder } = await import('opus-decoder');
    const decoder = new OpusDecoder(opusStreams(config));
    await decoder.ready;
    return frameByFrame(decoder, (data) => decoder.decodeFrame(data));
  },
  flac: async () => {
    const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
    const decoder = new FLACDecoder();
    await decoder.ready;
    return frameByFrame(decoder, (data) => decoder.decodeFrames([data]));
  },
  vorbis: createVorbisDecoder,
};

export function hasPacketDecoder(codec: AudioCodec): boolean {
  return codec in DECODERS;
}

/** @param codec one that {@link hasPacketDecoder} is true of */
export async function createPacketDecoder(codec: AudioCodec, config: AudioDecoderConfig): Promise<PacketDecoder> {
  const create = DECODERS[codec];
  if (create === undefined) throw new RangeError(`there is no decoder of ${codec}`);
  return create(config);
}

/** Of a decoder that gives each frame its samples at once. */
function frameByFrame(
  decoder: { free(): void },
  decode: (data: Uint8Array) => DecodedPackets | Promise<DecodedPackets>,
): PacketDecoder {
  return {
    decode: async ({ data }) => [await quietly(() => decode(data))],
    flush: async () => [],
    free: () => decoder.free(),
  };
}

/**
 * These decoders write what is wrong with a packet to the console too, which belongs to whoever started the command. They
 * do so before they return, whatever they return.
 */
function quietly<T>(decode: () => T): T {
  const { error } = console;
  console.error = () => undefined;
  try {
    return decode();
  } finally {
    console.error = error;
  }
}
