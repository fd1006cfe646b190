/**
 * Reads as much of an AAC frame as tells whether it holds any sound, without decoding it: no free decoder is at hand, and
 * a channel is silent exactly when none of its bands has coefficients. ISO/IEC 14496-3, 4.4.2.
 */

/** Syntactic elements, by their 3 bits. */
const ELEMENT = { single: 0, pair: 1, lowFrequency: 3, data: 4, fill: 6, end: 7 };
const EIGHT_SHORT = 2;

/** A frame that uses what is not read here: whether it is silent is not known. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Whether a raw AAC frame (without an ADTS header) is silent in all its channels; `null` where that is not known. */
export function isSilentFrame(frame: Uint8Array): boolean | null {
  try {
    return hasOnlySilence(new Bits(frame));
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

function hasOnlySilence(bits: Bits): boolean {
  for (;;) {
    switch (bits.read(3)) {
      case ELEMENT.single:
      case ELEMENT.lowFrequency:
        bits.skip(4);
        if (!isSilentChannel(bits, null)) return false;
        break;
      case ELEMENT.pair:
        if (!isSilentPair(bits)) return false;
        break;
      case ELEMENT.data:
        skipData(bits);
        break;
      case ELEMENT.fill:
        bits.skip(8 * countOf(bits, 4, -1));
        break;
      case ELEMENT.end:
        return true;
      default:
        throw new Unreadable();
    }
  }
}

function isSilentPair(bits: Bits): boolean {
  bits.skip(4);
  const window = bits.flag() ? readWindow(bits) : null;
  // Which bands the two channels share.
  if (window !== null && bits.read(2) === 1) bits.skip(window.bands * window.groups);
  return isSilentChannel(bits, window) && isSilentChannel(bits, window);
}

interface Window {
  readonly isShort: boolean;
  readonly bands: number;
  readonly groups: number;
}

function readWindow(bits: Bits): Window {
  bits.skip(1);
  const isShort = bits.read(2) === EIGHT_SHORT;
  bits.skip(1);
  if (isShort) {
    const bands = bits.read(4);
    // A set bit joins a window to the one before.
    const joined = [1, 2, 3, 4, 5, 6, 7].filter(() => bits.flag());
    return { isShort, bands, groups: 8 - joined.length };
  }
  const bands = bits.read(6);
  // Prediction is of other profiles than what is made today.
  if (bits.flag()) throw new Unreadable();
  return { isShort, bands, groups: 1 };
}

/** Reads a channel to its end as long as it is silent; what follows a channel with sound is not found. */
function isSilentChannel(bits: Bits, shared: Window | null): boolean {
  bits.skip(8);
  const window = shared ?? readWindow(bits);
  if (!hasEmptyBands(bits, window)) return false;
  // Pulses add to coefficients.
  if (bits.flag()) return false;
  if (bits.flag()) skipNoiseShaping(bits, window);
  if (bits.flag()) throw new Unreadable();
  return true;
}

/** Each run of bands names the code book of its coefficients; book 0 has none. */
function hasEmptyBands(bits: Bits, { isShort, bands, groups }: Window): boolean {
  const width = isShort ? 3 : 5;
  const more = 2 ** width - 1;
  for (let group = 0; group < groups; group += 1) {
    for (let band = 0; band < bands; ) {
      if (bits.read(4) !== 0) return false;
      let part = more;
      let length = 0;
      while (part === more) {
        part = bits.read(width);
        length += part;
      }
      if (length === 0) throw new Unreadable();
      band += length;
    }
  }
  return true;
}

/** Filters over coefficients: of no coefficients they make none. */
function skipNoiseShaping(bits: Bits, { isShort }: Window): void {
  for (let window = 0; window < (isShort ? 8 : 1); window += 1) {
    const filters = bits.read(isShort ? 1 : 2);
    if (filters === 0) continue;
    const resolution = bits.read(1);
    for (let filter = 0; filter < filters; filter += 1) {
      bits.skip(isShort ? 4 : 6);
      const order = bits.read(isShort ? 3 : 5);
      if (order === 0) continue;
      bits.skip(1);
      const isCompressed = bits.flag();
      bits.skip(order * (3 + resolution - (isCompressed ? 1 : 0)));
    }
  }
}

function skipData(bits: Bits): void {
  bits.skip(4);
  const isAligned = bits.flag();
  const bytes = countOf(bits, 8, 0);
  if (isAligned) bits.align();
  bits.skip(8 * bytes);
}

/** A count that goes on in 8 more bits where its own are all set. */
function countOf(bits: Bits, width: number, correction: number): number {
  const count = bits.read(width);
  return count === 2 ** width - 1 ? count + bits.read(8) + correction : count;
}

/** Bits of a frame, the highest of a byte first. */
class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @param count at most 16 */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new Unreadable();
      value = (value << 1) | ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#bytes.length * 8) throw new Unreadable();
  }

  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}
