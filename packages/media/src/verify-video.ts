import { EncodedPacketSink } from 'mediabunny';
import { checkContainerEnd } from './container-end.js';
import { bytesOf, openLocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import type { MediaFacts } from './media-facts.js';
import { mediaOf, type OpenMedia, useMedia } from './open-media.js';
import { readFacts } from './probe.js';

/** Enough to hold every packet that frame reordering can put after the last one shown. */
const PACKETS_AT_END = 17;

/** A whole video in memory, and how messages call it. */
export interface VideoBytes {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * Makes sure that a local file is a whole video: an MP4, MOV, WebM or Matroska container with a video track, whose
 * declared parts and last packets lie inside the file. Reads headers, index and the last packets, never all of it; a
 * recording that declares no length and was cut exactly between two of its parts can't be told from a whole one.
 * @param video a path, or what is to become a file
 *
 * Throws MediaError: MEDIA_MISSING, MEDIA_EMPTY, MEDIA_UNREADABLE (a web page, another kind of file, no video track) or
 * MEDIA_INCOMPLETE.
 */
export async function verifyVideo(video: string | VideoBytes): Promise<MediaFacts> {
  const file = typeof video === 'string' ? await openLocalFile(video) : bytesOf(video.content, video.name);
  return useMedia(mediaOf(file), undefined, async (media) => {
    await checkContainerEnd(file);
    const facts = await readFacts(media);
    if (facts.video === null) throw new MediaError('MEDIA_UNREADABLE', `${file.path} has no video track`);
    await checkLastPackets(media);
    return facts;
  });
}

/** Reads the bytes of the last packets of every track. Throws MEDIA_INCOMPLETE. */
export async function checkLastPackets(media: OpenMedia): Promise<void> {
  for (const track of await media.input.getTracks()) {
    if (!track.isVideoTrack() && !track.isAudioTrack()) continue;
    const sink = new EncodedPacketSink(track);
    try {
      // The index alone knows of packets whose bytes are not there; reading those gives nothing, not an error.
      let known = await sink.getPacket(Number.POSITIVE_INFINITY, { metadataOnly: true });
      if (known === null && track.isVideoTrack()) throw new RangeError('the index lists no packet');
      let read = await sink.getPacket(Number.POSITIVE_INFINITY);
      for (let count = 0; known !== null && count < PACKETS_AT_END; count++) {
        if (read === null) throw new RangeError(`packet at ${known.timestamp} s is not in the file`);
        known = await sink.getNextPacket(known, { metadataOnly: true });
        read = await sink.getNextPacket(read);
      }
    } catch (error) {
      throw new MediaError(
        'MEDIA_INCOMPLETE',
        `${media.name} is incomplete: its last ${track.type} packets are missing`,
        {
          cause: error,
        },
      );
    }
  }
}
