/**
 * Reads as much of a FLAC frame as tells that it surely holds sound, without a decoder, which takes many times as long to
 * make: the first sample of the first channel stands in almost every frame as it is. RFC 9639, 9.1 and 9.2.
 */

/** Codes of the header's third and fourth byte. */
const SIZE_BYTES: Readonly<Record<number, number>> = { 6: 1, 7: 2 };
const RATE_BYTES: Readonly<Record<number, number>> = { 12: 1, 13: 2, 14: 2 };
const SIDE_FIRST = 9;
const BITS: Readonly<Record<number, number>> = { 1: 8, 4: 16, 5: 20, 6: 24, 7: 32 };

/** What subframes are that begin with a sample: constant, verbatim, and predicted ones but those of order 0. */
const CONSTANT = 0;
const VERBATIM = 1;
const FIXED = { from: 9, to: 12 };
const LINEAR_FROM = 32;

/** The first sample of a frame, between -1 and 1; `null` where it is not read here. */
export function firstSample(frame: Uint8Array): number | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || (view.getUint16(0) & 0xfffc) !== 0xfff8) return null;
  const [sizes, layout] = [view.getUint8(2), view.getUint8(3)];
  const bits = BITS[(layout >> 1) & 7];
  // The difference of two channels has a bit more.
  if (bits === undefined || layout >> 4 === SIDE_FIRST) return null;
  const subframe = headBytes(sizes, view.getUint8(4)) + 1;
  if (subframe + 3 > frame.length || !beginsWithSample(view.getUint8(subframe))) return null;
  // Of longer samples the first 16 bits are the loud ones.
  return bits === 8 ? view.getInt8(subframe + 1) / 2 ** 7 : view.getInt16(subframe + 1) / 2 ** 15;
}

/** Up to the check sum of a frame's head. @param lead the first byte of its number */
function headBytes(sizes: number, lead: number): number {
  return 4 + numberBytes(lead) + (SIZE_BYTES[sizes >> 4] ?? 0) + (RATE_BYTES[sizes & 15] ?? 0);
}

/** The number is coded as UTF-8 codes letters, up to 36 bits. */
function numberBytes(lead: number): number {
  return Math.max(1, Math.clz32(~(lead << 24)));
}

/** The number in the head of the frame that begins there; `null` where none does, by the head's own check sum. */
export function frameNumber(bytes: Buffer, at: number): number | null {
  const lead = bytes[at + 4];
  if (lead === undefined) return null;
  const end = at + headBytes(bytes[at + 2] ?? 0, lead);
  if (end >= bytes.length || checkSum(bytes.subarray(at, end)) !== bytes[end]) return null;
  const length = numberBytes(lead);
  let number = lead & (length === 1 ? 0x7f : 0x7f >> length);
  for (let next = 1; next < length; next += 1) number = number * 64 + ((bytes[at + 4 + next] ?? 0) & 63);
  return number;
}

/** CRC-8 with the polynomial x⁸ + x² + x + 1. RFC 9639, 9.1.8. */
function checkSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum << 1) ^ ((sum & 0x80) === 0 ? 0 : 0x07)) & 0xff;
  }
  return sum;
}

/** @param head the first byte of a subframe; its last bit says that samples are shortened */
function beginsWithSample(head: number): boolean {
  const type = head >> 1;
  const isKnown = type === CONSTANT || type === VERBATIM || (type >= FIXED.from && type <= FIXED.to);
  return (head & 1) === 0 && (isKnown || (type >= LINEAR_FROM && type < 64));
}
