import { EncodedAudioPacketSource, NullTarget, OggOutputFormat, Output } from 'mediabunny';
import type { DecodedPackets, PacketDecoder } from './packet-decoder.js';

/** A page is decoded as a whole: a short one tells early whether there is sound. */
const PAGE_SECONDS = 0.25;

/**
 * Two of headers, one of sound, and one that shows where that ends. Of pages without sound the decoder takes the number of
 * channels from memory that nobody wrote, and makes as many: thousands, at 10 to 60 ms.
 */
const PAGES_TO_BEGIN = 4;

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
  let hasBegun = false;
  const decodePages = async (isEnd: boolean): Promise<DecodedPackets[]> => {
    if (pages.length === 0 || (!hasBegun && !isEnd && pages.length < PAGES_TO_BEGIN)) return [];
    hasBegun = true;
    return [await decoder.decode(Buffer.concat(pages.splice(0)))];
  };
  return {
    decode: async (packet) => {
      await source.add(packet, { decoderConfig: config });
      return decodePages(false);
    },
    flush: async () => {
      await output.finalize();
      return [...(await decodePages(true)), await decoder.flush()];
    },
    free: () => {
      decoder.free();
      // Of a file that goes nowhere, nothing can fail that matters.
      if (output.state === 'started') void output.cancel().catch(() => undefined);
    },
  };
}
