import type { AudioCodec } from 'mediabunny';
import { opusStreams } from './opus-streams.js';
import { createPacketDecoder, type PacketDecoder } from './packet-decoder.js';

/**
 * To make a decoder takes many times as long as to decode the beginning of a voice, so those that have done one track
 * take another. Never more are kept than were at work at once.
 */
const idle = new Map<string, PacketDecoder[]>();

/** A decoder that may have decoded another track before; `giveBack` or `free` it. */
export interface UsedDecoder extends PacketDecoder {
  giveBack(): void;
}

/** @returns `null` where a decoder is made for one track only */
export async function takeDecoder(codec: AudioCodec, config: AudioDecoderConfig): Promise<UsedDecoder | null> {
  const kind = KINDS[codec]?.(config);
  if (kind === undefined) return null;
  const waiting = idle.get(kind) ?? [];
  idle.set(kind, waiting);
  const decoder = waiting.pop() ?? (await createPacketDecoder(codec, config));
  return { ...decoder, giveBack: () => void waiting.push(decoder) };
}

/**
 * What of a track its decoder was made for: tracks of which that is the same can follow one another. The others keep
 * count of what they have decoded.
 */
const KINDS: Partial<Record<AudioCodec, (config: AudioDecoderConfig) => string>> = {
  mp3: () => 'mp3',
  opus: (config) => `opus ${JSON.stringify(opusStreams(config))}`,
};
