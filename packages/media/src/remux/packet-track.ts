import type { AudioCodec, EncodedPacket, Rotation, VideoCodec } from 'mediabunny';

/** A packet in decode order, and with the first one what a decoder must be told. Times are seconds from the start. */
export interface TrackPacket<Meta> {
  packet: EncodedPacket;
  meta?: Meta;
}

/** One track of the output, ready to be written: packets as they lie in the file, produced as they are asked for. */
export interface PacketTrack<Codec extends string, Meta> {
  codec: Codec;
  packets(): AsyncGenerator<TrackPacket<Meta>, void, undefined>;
}

export interface PictureTrack extends PacketTrack<VideoCodec, EncodedVideoChunkMetadata> {
  rotation: Rotation;
  /** About how many bytes its packets are in all. */
  estimatedBytes: number;
  /** An upper bound of its packets; walks the index of the file. */
  countPackets(): Promise<number>;
}

export type SoundTrack = PacketTrack<AudioCodec, EncodedAudioChunkMetadata>;
