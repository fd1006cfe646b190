import { id3Bytes, type Mp3Frame, mp3FrameAt } from './mp3-frames.js';

/** Wherever a frame begins, so many bytes hold all of it and the head of the next; no frame is longer than 1441. */
const LOOK_AHEAD_BYTES = 2048;
/** In the first frame behind its head: the names of what an encoder says of all the frames, in the place of sound. */
const HEADER_NAMES = /Xing|Info/;
const HEADER_WITHIN_BYTES = 40;

/**
 * Seconds of an MP3 by all of its frames, one after the other, as its bytes come; little of them is held. What lies between
 * frames (tags, the seam of two files) is passed over.
 *
 * @returns `null` where it is longer than `mostBytes`, of which no more is read
 */
export async function walkMp3(chunks: AsyncIterable<Uint8Array>, mostBytes: number): Promise<number | null> {
  const walk = createWalk();
  let held = Buffer.alloc(0);
  let skipped = 0;
  let seen = 0;
  for await (const chunk of chunks) {
    seen += chunk.length;
    if (seen > mostBytes) return null;
    held = Buffer.concat([held, chunk]);
    const passed = Math.min(skipped, held.length);
    held = held.subarray(passed);
    skipped -= passed;
    const end = walk.over(held, LOOK_AHEAD_BYTES);
    skipped += Math.max(0, end - held.length);
    held = held.subarray(end);
  }
  walk.over(held, 1);
  return walk.seconds();
}

function createWalk() {
  let kind: Mp3Frame | null = null;
  let frames = 0;
  /** Whether the last frame ended here: then what looks like one is one. */
  let inStep = false;

  function frameAt(bytes: Buffer, at: number): Mp3Frame | null {
    const frame = mp3FrameAt(bytes, at);
    if (frame === null || kind === null) return frame;
    return frame.samples === kind.samples && frame.sampleRate === kind.sampleRate ? frame : null;
  }

  /** Where the next frame begins: some encoders make frames that are a byte too short. */
  function nextAfter(bytes: Buffer, end: number): number | null {
    if (frameAt(bytes, end) !== null) return end;
    return frameAt(bytes, end - 1) === null ? null : end - 1;
  }

  /** @returns how far it went, at least so many bytes before the end; beyond the end where a tag goes on there */
  function over(bytes: Buffer, lookAhead: number): number {
    let at = 0;
    while (at + lookAhead <= bytes.length) {
      const tag = id3Bytes(bytes.subarray(at, at + 10));
      const frame = tag > 0 ? null : frameAt(bytes, at);
      const next = frame && nextAfter(bytes, at + frame.bytes);
      if (frame !== null && (inStep || next !== null)) {
        const head = bytes.toString('latin1', at + 4, at + HEADER_WITHIN_BYTES);
        if (!HEADER_NAMES.test(head)) frames += 1;
        kind ??= frame;
        inStep = true;
        at = next ?? at + frame.bytes;
      } else {
        inStep = false;
        at += Math.max(1, tag);
      }
    }
    return at;
  }

  const seconds = () => (kind === null ? 0 : (frames * kind.samples) / kind.sampleRate);
  return { over, seconds };
}
