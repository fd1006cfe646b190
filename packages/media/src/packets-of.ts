import { type EncodedPacket, EncodedPacketSink, type InputTrack, type PacketRetrievalOptions } from 'mediabunny';

/**
 * The packets of a track in the order they are decoded in, each read when it is asked for. The demuxer's own way reads
 * ahead what a player needs, at three times the cost, and most looks at a file end after some packets.
 */
export async function* packetsOf(
  track: InputTrack,
  options: PacketRetrievalOptions = {},
): AsyncGenerator<EncodedPacket, void, undefined> {
  const sink = new EncodedPacketSink(track);
  for (let packet = await sink.getFirstPacket(options); packet !== null; ) {
    yield packet;
    packet = await sink.getNextPacket(packet, options);
  }
}
