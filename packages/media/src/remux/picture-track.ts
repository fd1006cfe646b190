import { extname } from 'node:path';
import { type EncodedPacket, EncodedPacketSink } from 'mediabunny';
import { COMMANDS } from '../convert-command.js';
import { MediaError } from '../media-error.js';
import { explainErrors, type OpenMedia } from '../open-media.js';
import type { PictureTrack } from './packet-track.js';
import { isPlayablePicture } from './playable-picture.js';

/** H.264 and H.265 decoders hold at most 16 frames, so no frame needs one that comes more than 16 packets later. */
const REORDER_DEPTH = 16;

/** Less than this is no picture: a cut leaves at least so many seconds to its last frames. */
const SHORTEST_SECONDS = 0.002;

/**
 * The video of `media`, copied, from its start again when it is shorter than `endSeconds`, cut when it is longer.
 */
export async function createPictureTrack(media: OpenMedia, endSeconds: number): Promise<PictureTrack> {
  const track = await media.input.getPrimaryVideoTrack();
  if (track === null) throw new MediaError('MEDIA_UNREADABLE', `${media.name} has no video track`);
  const codec = await track.getCodec();
  const decoderConfig = await track.getDecoderConfig();
  if (codec === null || decoderConfig === null || !isPlayablePicture(codec)) {
    const mend = COMMANDS.video(extname(media.name));
    const what = `${codec ?? 'unknown'} video can't be placed in an MP4 that players take`;
    throw new MediaError('MEDIA_UNREADABLE', `${media.name}: ${what}; ${mend}`);
  }
  const sink = new EncodedPacketSink(track);
  const first = await track.getFirstTimestamp();
  const lapSeconds = (await track.computeDuration({ metadataOnly: true })) - first;
  if (!(lapSeconds > 0)) throw new MediaError('MEDIA_UNREADABLE', `${media.name} has no pictures`);

  const meta = { decoderConfig };
  async function* packets() {
    for (let lapStart = 0; endSeconds - lapStart >= SHORTEST_SECONDS; lapStart += lapSeconds) {
      for await (const packet of explainErrors(media, cut(sink, first + endSeconds - lapStart))) {
        yield { packet: packet.clone({ timestamp: packet.timestamp + lapStart - first }), meta };
      }
    }
  }
  const countPackets = async () => {
    const { packetCount } = await track.computePacketStats(undefined, { metadataOnly: true });
    return packetCount * Math.ceil(endSeconds / lapSeconds);
  };
  const estimatedBytes = ((media.bytes() ?? 0) * endSeconds) / lapSeconds;
  return { codec, rotation: await track.getRotation(), estimatedBytes, countPackets, packets };
}

/**
 * The packets that are needed to show everything before `end`. Frames can be stored before others that are shown
 * earlier and drawn from them. So a frame after the end stays while one before the end follows it; it is moved to just
 * before the end, which keeps the length exact.
 */
async function* cut(sink: EncodedPacketSink, end: number): AsyncGenerator<EncodedPacket> {
  const last = await sink.getPacket(end - SHORTEST_SECONDS, { metadataOnly: true });
  if (last === null) return;
  let waiting: EncodedPacket[] = [];
  for await (const packet of sink.packets()) {
    if (packet.timestamp <= last.timestamp) {
      yield* waiting;
      waiting = [];
      yield packet.clone({ duration: Math.min(packet.duration, end - packet.timestamp) });
    } else if (waiting.length < REORDER_DEPTH) {
      const timestamp = squeeze(packet.timestamp, last, end);
      waiting.push(packet.clone({ timestamp, duration: end - timestamp }));
    } else {
      return;
    }
  }
}

/** Maps any time after `last` to one between it and `end`, keeping the order. */
function squeeze(timestamp: number, last: EncodedPacket, end: number): number {
  const frames = (timestamp - last.timestamp) / (last.duration || 0.04);
  return end - (end - last.timestamp) / (1 + frames);
}
