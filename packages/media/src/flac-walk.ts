import { frameNumber } from './flac-frame.js';
import type { LocalFile } from './local-file.js';

/** Where a FLAC begins: its name, and a block (RFC 9639, 8.2) of 34 bytes with a head of 4. */
const HEAD_BYTES = 42;
const STREAM_INFO = 0;
const LAST_BLOCK = 0x80;

/** So much is looked at at once; a frame that is not found in it, is not there. */
const STEP_BYTES = 256 * 1024;
const LARGEST_FRAME_BYTES = STEP_BYTES / 4;
/** The shortest frame: its head, a byte of sound, and two of its check sum. */
const LEAST_FRAME_BYTES = 9;

/** How a frame begins whose number counts frames. */
const SYNC = Buffer.from([0xff, 0xf8]);

/**
 * Whether a FLAC is there to its end: whether its frames follow one another by their numbers, none left out, up to the last
 * one that its header promises. `false` also where that is not told so simply: then it is for the demuxer to say, which
 * takes ten times as long.
 */
export async function holdsEveryFrame(file: LocalFile): Promise<boolean> {
  const info = readStreamInfo(await file.readAt(0, HEAD_BYTES));
  if (info === null) return false;
  let from = await endOfBlocks(file);
  let latest = from;
  let step = { at: from, bytes: await file.readAt(from, STEP_BYTES) };
  for (let number = 0; number < info.frames; number += 1) {
    const stepEnd = step.at + step.bytes.length;
    if (from + LARGEST_FRAME_BYTES > stepEnd && stepEnd < file.bytes) {
      step = { at: from, bytes: await file.readAt(from, STEP_BYTES) };
    }
    const found = frameIn(step.bytes, from - step.at, number);
    const at = step.at + found;
    if (found === -1 || at > latest) return false;
    from = at + info.leastBytes;
    latest = at + info.mostBytes;
  }
  return true;
}

interface StreamInfo {
  readonly frames: number;
  /** Of a frame. */
  readonly leastBytes: number;
  readonly mostBytes: number;
}

/** `null` of what is no FLAC, of one that does not say all of this, and of frames of different or of great lengths. */
function readStreamInfo(head: Buffer): StreamInfo | null {
  if (head.length < HEAD_BYTES || head.toString('latin1', 0, 4) !== 'fLaC') return null;
  if (((head[4] ?? 0) & ~LAST_BLOCK) !== STREAM_INFO) return null;
  const [fewest, most] = [head.readUInt16BE(8), head.readUInt16BE(10)];
  const [leastBytes, mostBytes] = [head.readUIntBE(12, 3), head.readUIntBE(15, 3)];
  const samples = ((head[21] ?? 0) & 15) * 2 ** 32 + head.readUInt32BE(22);
  if (samples === 0 || most === 0 || fewest !== most) return null;
  if (mostBytes === 0 || mostBytes > LARGEST_FRAME_BYTES) return null;
  return { frames: Math.ceil(samples / most), leastBytes: Math.max(leastBytes, LEAST_FRAME_BYTES), mostBytes };
}

/** Where the first frame is, behind pictures, tags and the like. */
async function endOfBlocks(file: LocalFile): Promise<number> {
  for (let at = 4; at < file.bytes; ) {
    const head = await file.readAt(at, 4);
    if (head.length < 4) break;
    at += 4 + head.readUIntBE(1, 3);
    if (((head[0] ?? 0) & LAST_BLOCK) !== 0) return at;
  }
  return file.bytes;
}

/** Where the frame of that number begins; -1 where it does not. */
function frameIn(bytes: Buffer, from: number, number: number): number {
  for (let at = bytes.indexOf(SYNC, from); at !== -1; at = bytes.indexOf(SYNC, at + 1)) {
    if (frameNumber(bytes, at) === number) return at;
  }
  return -1;
}
