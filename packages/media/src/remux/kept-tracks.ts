import { EncodedPacketSink, type InputTrack, Mp4OutputFormat } from 'mediabunny';
import { MediaError } from '../media-error.js';
import { explainErrors, type OpenMedia } from '../open-media.js';
import type { PictureTrack, SoundTrack } from './packet-track.js';

const MP4 = new Mp4OutputFormat();

/** The pictures of a file as they are: every packet, at its own time since `startSeconds`. */
export async function keepPicture(media: OpenMedia, startSeconds: number): Promise<PictureTrack> {
  const track = await media.input.getPrimaryVideoTrack();
  const codec = await track?.getCodec();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track || !codec || !decoderConfig || !MP4.getSupportedVideoCodecs().includes(codec)) {
    throw new MediaError('MEDIA_UNREADABLE', `${media.name}: ${codec ?? 'unknown'} video can't be placed in an MP4`);
  }
  return {
    codec,
    rotation: await track.getRotation(),
    estimatedBytes: media.bytes() ?? 0,
    countPackets: async () => (await track.computePacketStats(undefined, { metadataOnly: true })).packetCount,
    packets: () => allPackets({ media, track, startSeconds }, { decoderConfig }),
  };
}

/** The sound of a file as it is, all its tracks, at its own time since `startSeconds`. */
export async function keepSounds(media: OpenMedia, startSeconds: number): Promise<SoundTrack[]> {
  const sounds: SoundTrack[] = [];
  for (const track of await media.input.getAudioTracks()) {
    const codec = await track.getCodec();
    const decoderConfig = await track.getDecoderConfig();
    if (!codec || !decoderConfig || !MP4.getSupportedAudioCodecs().includes(codec)) {
      throw new MediaError('MEDIA_UNREADABLE', `${media.name}: ${codec ?? 'unknown'} audio can't be placed in an MP4`);
    }
    sounds.push({ codec, packets: () => allPackets({ media, track, startSeconds }, { decoderConfig }) });
  }
  return sounds;
}

async function* allPackets<Meta>(
  { media, track, startSeconds }: { media: OpenMedia; track: InputTrack; startSeconds: number },
  meta: Meta,
) {
  for await (const packet of explainErrors(media, new EncodedPacketSink(track).packets())) {
    yield { packet: packet.clone({ timestamp: packet.timestamp - startSeconds }), meta };
  }
}
