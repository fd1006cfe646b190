const SAMPLES_A_FRAME = 4096;

/** A FLAC of so many frames, each of one value that never changes; its last may be shorter. RFC 9639. */
export function flacOf({ frames, lastSamples }: { frames: number; lastSamples?: number }): Buffer {
  const samples = (frames - 1) * SAMPLES_A_FRAME + (lastSamples ?? SAMPLES_A_FRAME);
  const info = Buffer.alloc(34);
  info.writeUInt16BE(SAMPLES_A_FRAME, 0);
  info.writeUInt16BE(SAMPLES_A_FRAME, 2);
  info.writeUIntBE(frameOf(0).length, 4, 3);
  info.writeUIntBE(frameOf(frames).length, 7, 3);
  // 44.1 kHz in 20 bits, one channel, 16 bits a sample, and the samples of all frames in 36 bits.
  info.writeBigUInt64BE((44_100n << 44n) | (15n << 36n) | BigInt(samples), 10);
  const head = Buffer.from('fLaC\x80\0\0\x22', 'latin1');
  return Buffer.concat([
    head,
    info,
    ...Array.from({ length: frames }, (_, number) => frameOf(number, number === frames - 1 ? lastSamples : undefined)),
  ]);
}

/** @param samples where they are not as many as usual, at most 256; then each is written for itself */
function frameOf(number: number, samples?: number): Buffer {
  const value = [0x12, 0x34];
  const [size, stated] = samples === undefined ? [0xc9, []] : [0x69, [samples - 1]];
  const head = Buffer.from([0xff, 0xf8, size, 0x08, ...codedNumber(number), ...stated]);
  const sound = samples === undefined ? [0, ...value] : [2, ...Array.from({ length: samples }, () => value).flat()];
  return Buffer.from([...head, crc8(head), ...sound, 0, 0]);
}

/** As UTF-8 codes letters, of which some numbers are none. */
function codedNumber(number: number): number[] {
  const more = [0x80, 0x800, 0x10000].filter((limit) => number >= limit).length;
  if (more === 0) return [number];
  const rest = Array.from({ length: more }, (_, place) => 0x80 | ((number >> (6 * (more - 1 - place))) & 63));
  return [(0xff & ~(0x7f >> more)) | (number >> (6 * more)), ...rest];
}

function crc8(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => {
    let next = sum ^ byte;
    for (let bit = 0; bit < 8; bit += 1) next = ((next << 1) ^ (next & 0x80 ? 7 : 0)) & 0xff;
    return next;
  }, 0);
}
