import { EncodedAudioPacketSource, NullTarget, OggOutputFormat, Output } from 'mediabunny';
import type { DecodedPackets, PacketDecoder } from './packet-decoder.js';

/** A page is decoded as a whole: a short one tells early whether there is sound. */
const PAGE_SECONDS = 1;

/** The decoder takes Vorbis in Ogg alone, so packets of any container are put into the pages of a file that nobody keeps. */
export async function createVorbisDecoder(config: AudioDecoderConfig): Promise<PacketDecoder> {
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
  const pages: Uint8Array[] = [];
  const source = new EncodedAudioPacketSource('vorbis');
  const format = new OggOutputFormat({
    maximumPageDuration: PAGE_SECONDS,
    onPage: (data) => pages.push(data.slice()),
  });
  const output = new Output({ format, target: new NullTarget() });
  output.addAudioTrack(source);
  await output.start();
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  const decodePages = async () => {
    const decoded: DecodedPackets[] = [];
    for (const page of pages.splice(0)) decoded.push(await decoder.decode(page));
    return decoded;
  };
  return {
    decode: async (packet) => {
      await source.add(packet, { decoderConfig: config });
      return decodePages();
    },
    flush: async () => {
      await output.finalize();
      return [...(await decodePages()), await decoder.flush()];
    },
    free: () => {
      decoder.free();
      // Of a file that goes nowhere, nothing can fail that matters.
      if (output.state === 'started') void output.cancel().catch(() => undefined);
    },
  };
}
