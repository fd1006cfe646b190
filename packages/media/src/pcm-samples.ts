import type { AudioCodec } from 'mediabunny';

/** How plain samples lie in a file, of the kinds that files are made of; the rest is left to the demuxer. */
const KINDS: Partial<Record<AudioCodec, { bytes: number; read: (data: DataView, at: number) => number }>> = {
  'pcm-s16': { bytes: 2, read: (data, at) => data.getInt16(at, true) / 2 ** 15 },
  'pcm-s24': { bytes: 3, read: (data, at) => (data.getInt16(at + 1, true) * 2 ** 8 + data.getUint8(at)) / 2 ** 23 },
  'pcm-s32': { bytes: 4, read: (data, at) => data.getInt32(at, true) / 2 ** 31 },
  'pcm-f32': { bytes: 4, read: (data, at) => data.getFloat32(at, true) },
};

/** Whether any sample is louder, of full levels between -1 and 1; `null` of a kind that is not read here. */
export function holdsLouder(data: Uint8Array, codec: AudioCodec, level: number): boolean | null {
  const kind = KINDS[codec];
  if (kind === undefined) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + kind.bytes <= data.length; at += kind.bytes) {
    if (Math.abs(kind.read(view, at)) > level) return true;
  }
  return false;
}
