import { type AudioCodec, type EncodedPacket, EncodedPacketSink, type InputAudioTrack } from 'mediabunny';
import { explainErrors, type OpenMedia } from '../open-media.js';
import type { SoundTrack } from './packet-track.js';

/** What Chromium plays inside MP4 without another encoding. */
const COPYABLE: readonly AudioCodec[] = ['aac', 'mp3', 'flac', 'opus'];

/** One voice: an audio track and where it lies in the output. */
export interface Voice {
  media: OpenMedia;
  codec: AudioCodec;
  config: AudioDecoderConfig;
  track: InputAudioTrack;
  /** Where the clock of its file stands at the beginning, which is at `startSeconds` in the output. */
  cueSeconds: number;
  /** How long the track is silent at first, since its file begins with a picture. */
  pauseSeconds: number;
  startSeconds: number;
  endSeconds: number;
}

/** True when these voices, one after another, can be one track whose packets are theirs. */
export function canCopy(voices: readonly Voice[]): boolean {
  const [first] = voices;
  return first !== undefined && COPYABLE.includes(first.codec) && voices.every((voice) => sameDecoder(first, voice));
}

/** Ends are whole milliseconds: a last frame that is shorter than one may begin behind its own. */
const ROUNDED_SECONDS = 0.0005;

/** A track of the voices' own packets, one voice after another, nothing after `endSeconds`. Needs `canCopy`. */
export function copySound(voices: readonly Voice[], endSeconds: number): SoundTrack {
  const codec = voices[0]!.codec;
  async function* packets() {
    for (const voice of voices) {
      const isWhole = voice === voices.at(-1) && voice.endSeconds <= endSeconds;
      const end = isWhole ? voice.endSeconds + ROUNDED_SECONDS : Math.min(voice.endSeconds, endSeconds);
      for await (const packet of explainErrors(voice.media, new EncodedPacketSink(voice.track).packets())) {
        const placed = place(packet, voice, end);
        if (placed === 'after') break;
        if (placed !== 'before') yield { packet: placed, meta: { decoderConfig: voice.config } };
      }
    }
  }
  return { codec, packets };
}

/** Moves a packet to where its voice lies; 'before' and 'after' are packets that have no place there. */
function place(packet: EncodedPacket, voice: Voice, end: number): EncodedPacket | 'before' | 'after' {
  // Packets before zero warm the decoder up and are trimmed by the container. In the middle of a track nothing trims.
  if (packet.timestamp < 0 && voice.startSeconds > 0) return 'before';
  const timestamp = packet.timestamp - voice.cueSeconds + voice.startSeconds;
  if (timestamp >= end) return 'after';
  return packet.clone({ timestamp, duration: Math.min(packet.duration, end - timestamp) });
}

function sameDecoder(a: Voice, b: Voice): boolean {
  return (
    a.codec === b.codec &&
    a.config.sampleRate === b.config.sampleRate &&
    a.config.numberOfChannels === b.config.numberOfChannels &&
    bytesOf(a.config.description).equals(bytesOf(b.config.description))
  );
}

function bytesOf(description: AudioDecoderConfig['description']): Buffer {
  if (description === undefined) return Buffer.alloc(0);
  return ArrayBuffer.isView(description)
    ? Buffer.from(description.buffer, description.byteOffset, description.byteLength)
    : Buffer.from(description as ArrayBuffer);
}
