/** Kilobits a second of MPEG-1 Layer III, by the head's four bits. ISO/IEC 11172-3, 2.4.2.3. */
const KILOBITS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

/** Frames of an MP3 at 44.1 kHz, silent, each of its bitrate; without a header that counts them. */
export function mp3Of(kilobits: readonly number[]): Buffer {
  return Buffer.concat(kilobits.map(frameOf));
}

/** The same behind a header that counts all the bytes and so many frames. */
export function countedMp3(kilobits: readonly number[], countedFrames: number): Buffer {
  const head = frameOf(128);
  const sound = mp3Of(kilobits);
  // Behind 4 bytes and what tells how channels are coded: both counts follow.
  head.write('Xing', 36, 'latin1');
  head.writeUInt32BE(3, 40);
  head.writeUInt32BE(countedFrames, 44);
  head.writeUInt32BE(head.length + sound.length, 48);
  return Buffer.concat([head, sound]);
}

function frameOf(kilobits: number): Buffer {
  const bytes = Buffer.alloc(Math.floor((144_000 * kilobits) / 44_100));
  bytes.writeUInt32BE((0xfffb_0000 | (KILOBITS.indexOf(kilobits) << 12)) >>> 0, 0);
  return bytes;
}
