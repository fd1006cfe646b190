import { writeFile } from 'node:fs/promises';

/** Writes a WAV file (16 bit) with one tone for `seconds`, at half of full level. */
export async function writeWav(
  path: string,
  {
    hertz,
    seconds,
    sampleRate = 44_100,
    channels = 1,
  }: { hertz: number; seconds: number; sampleRate?: number; channels?: number },
): Promise<string> {
  const frames = Math.round(seconds * sampleRate);
  const data = Buffer.alloc(frames * channels * 2);
  for (let frame = 0; frame < frames; frame++) {
    const value = Math.round(Math.sin((2 * Math.PI * hertz * frame) / sampleRate) * 16_384);
    for (let channel = 0; channel < channels; channel++) data.writeInt16LE(value, (frame * channels + channel) * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * channels * 2, 28);
  head.writeUInt16LE(channels * 2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  await writeFile(path, Buffer.concat([head, data]));
  return path;
}
