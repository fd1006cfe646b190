import type { EncodedPacket, VideoCodec } from 'mediabunny';
import type { PictureTrack } from './packet-track.js';

/** How a codec whose packets are length-prefixed units carries user data (H.264 and H.265, annex D). */
interface Units {
  /** Where its decoder configuration says how many bytes a length has, less one, in the lowest two bits. */
  readonly lengthAt: number;
  /** Of the unit that holds the data. */
  readonly head: readonly number[];
  /** Whether a unit with this first byte is a part of a picture: the data come before all of them. */
  readonly isPicture: (first: number) => boolean;
}

const UNITS: Partial<Record<VideoCodec, Units>> = {
  avc: { lengthAt: 4, head: [0x06], isPicture: (first) => (first & 0x1f) >= 1 && (first & 0x1f) <= 5 },
  hevc: { lengthAt: 21, head: [0x4e, 0x01], isPicture: (first) => ((first >> 1) & 0x3f) < 32 },
};

const UNREGISTERED_USER_DATA = 5;
const STOP_BIT = 0x80;

/** More would need a longer length. */
const LONGEST_NOTE = 254;

/**
 * The same pictures with a note beside the first, as unregistered user data: no player shows it, and it stays wherever packets
 * are copied. The same without where the codec takes none.
 * @param note at most 254 bytes, none of them zero; the first 16 tell whose it is
 */
export function withNote(picture: PictureTrack, note: Buffer): PictureTrack {
  const units = UNITS[picture.codec];
  if (units === undefined) return picture;
  if (note.length < 16 || note.length > LONGEST_NOTE || note.includes(0)) {
    throw new RangeError(`a note has 16 to ${LONGEST_NOTE} bytes, and no zeros`);
  }
  async function* packets() {
    let isFirst = true;
    for await (const each of picture.packets()) {
      yield isFirst ? { ...each, packet: noted(each.packet, each.meta?.decoderConfig, note, units as Units) } : each;
      isFirst = false;
    }
  }
  return { ...picture, estimatedBytes: picture.estimatedBytes + note.length, packets };
}

function noted(
  packet: EncodedPacket,
  config: VideoDecoderConfig | undefined,
  note: Buffer,
  { lengthAt, head, isPicture }: Units,
): EncodedPacket {
  const lengthByte = config?.description === undefined ? undefined : viewOf(config.description)[lengthAt];
  // Without it the units are parted otherwise.
  if (lengthByte === undefined) return packet;
  const lengthBytes = (lengthByte & 3) + 1;
  const data = viewOf(packet.data);
  let at = 0;
  while (at + lengthBytes < data.length && !isPicture(data[at + lengthBytes] ?? 0)) {
    at += lengthBytes + data.readUIntBE(at, lengthBytes);
  }
  if (at + lengthBytes >= data.length) return packet;
  const unit = Buffer.from([...head, UNREGISTERED_USER_DATA, note.length, ...note, STOP_BIT]);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(unit.length, 0, lengthBytes);
  return packet.clone({ data: Buffer.concat([data.subarray(0, at), length, unit, data.subarray(at)]) });
}

function viewOf(data: NonNullable<VideoDecoderConfig['description']>): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data as ArrayBuffer);
}
