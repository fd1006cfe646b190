/** Bits 20 and 19 of a frame's head: MPEG-1, 2 and 2.5. */
const MPEG_1 = 3;
const MPEG_2_5 = 0;
const RESERVED_VERSION = 1;
const LAYER_3 = 1;

/** Hertz of MPEG-1; the others have a half and a quarter. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** Kilobits a second of Layer III, by the head's four bits; 0 names none. */
const KILOBITS = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  later: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

export interface Mp3Frame {
  readonly bytes: number;
  /** The same of many frames of this bitrate: single ones are a byte longer or shorter. */
  readonly meanBytes: number;
  readonly samples: number;
  readonly sampleRate: number;
}

/** The frame of Layer III whose head begins there; `null` where none does. ISO/IEC 11172-3, 2.4.1.3. */
export function mp3FrameAt(bytes: Buffer, at: number): Mp3Frame | null {
  if (at + 4 > bytes.length) return null;
  const head = bytes.readUInt32BE(at);
  const version = (head >>> 19) & 3;
  if (head >>> 21 !== 0x7ff || version === RESERVED_VERSION || ((head >>> 17) & 3) !== LAYER_3) return null;
  const kilobits = (version === MPEG_1 ? KILOBITS.mpeg1 : KILOBITS.later)[(head >>> 12) & 15];
  const fullRate = SAMPLE_RATES[(head >>> 10) & 3];
  if (!kilobits || fullRate === undefined) return null;
  const sampleRate = version === MPEG_1 ? fullRate : version === MPEG_2_5 ? fullRate / 4 : fullRate / 2;
  const samples = version === MPEG_1 ? 1152 : 576;
  const padding = (head >>> 9) & 1;
  const meanBytes = (samples * 125 * kilobits) / sampleRate;
  return { bytes: Math.floor(meanBytes) + padding, meanBytes, samples, sampleRate };
}

/** What the first frame of an MP3 says of all of it, in its Xing (or `Info`) header. */
export interface XingHeader {
  /** Where that frame begins. */
  readonly at: number;
  readonly frame: Mp3Frame;
  readonly frames: number | null;
  /** From that frame on. */
  readonly bytes: number | null;
}

/** Where in the first frame the header begins at most: behind 4 bytes and what tells how channels are coded. */
const XING_WITHIN_BYTES = 36;
/** Its name, its flags, the counts of frames and of bytes. */
const XING_BYTES = 16;
const HAS_FRAMES = 1;
const HAS_BYTES = 2;

/** The bytes of a file at a position, here or behind a URL; fewer at its end. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** `null` of an MP3 without such a header. */
export async function readXing(file: { readonly readAt: ReadAt }): Promise<XingHeader | null> {
  const id3 = await file.readAt(0, 10);
  const at = id3Bytes(id3);
  const head = await file.readAt(at, XING_WITHIN_BYTES + XING_BYTES);
  const xing = head.toString('latin1').search(/Xing|Info/);
  const frame = mp3FrameAt(head, 0);
  if (frame === null || xing === -1 || head.length < xing + XING_BYTES) return null;
  const flags = head.readUInt32BE(xing + 4);
  const frames = (flags & HAS_FRAMES) === 0 ? null : head.readUInt32BE(xing + 8);
  const bytesAt = xing + (frames === null ? 8 : 12);
  return { at, frame, frames, bytes: (flags & HAS_BYTES) === 0 ? null : head.readUInt32BE(bytesAt) };
}

/** Bytes of the tag that begins with `head`; 0 where none does. */
export function id3Bytes(head: Buffer): number {
  return head.toString('latin1', 0, 3) === 'ID3' && head.length >= 10 ? 10 + synchsafe(head.subarray(6)) : 0;
}

/** A number of 7 bits a byte. */
function synchsafe(bytes: Buffer): number {
  return bytes.subarray(0, 4).reduce((value, byte) => value * 128 + (byte & 127), 0);
}

/** Milliseconds that the header promises; `null` where it does not say. */
export function promisedMs({ frames, frame }: XingHeader): number | null {
  return frames === null ? null : (frames * frame.samples * 1000) / frame.sampleRate;
}

/** Some encoders do not count the frame that holds the header; no frame is longer than this. */
const UNCOUNTED_BYTES = 1441;
/** An ID3v1 tag, which may follow the sound. */
const TAG = { name: 'TAG', bytes: 128 };

/** Whether it counts the bytes of a file of that size, which may have a tag behind its sound. */
export function countsBytes({ at, bytes }: XingHeader, fileBytes: number | null): boolean {
  if (bytes === null || fileBytes === null) return false;
  const behind = fileBytes - (at + bytes);
  return behind >= -UNCOUNTED_BYTES && behind <= UNCOUNTED_BYTES + TAG.bytes;
}

/** Whether a file of that size has fewer bytes than it counts: its end is not there. */
export function lacksBytes({ at, bytes }: XingHeader, fileBytes: number | null): boolean {
  return bytes !== null && fileBytes !== null && fileBytes < at + bytes - UNCOUNTED_BYTES;
}

/** Places between the first frame and the last that are looked at. */
const PLACES = 6;
/** Wherever one begins to look, so much holds the heads of two frames after one another. */
const PLACE_BYTES = 3 * UNCOUNTED_BYTES;

/** What a look at some places of an MP3 says of its header: of its count of bytes, then of its count of frames. */
export type XingVerdict = 'kept' | 'other-bytes' | 'other-frames';

/**
 * Whether an MP3 is as long as its Xing header says, without following it frame by frame: it has the bytes that the header
 * counts and no more, in several places between, frames of the same kind follow one another, and they are about as large as
 * the two counts make them.
 */
export async function judgeXing(
  file: { readonly bytes: number; readonly readAt: ReadAt },
  header: XingHeader,
): Promise<XingVerdict> {
  const { at, frames, bytes } = header;
  if (frames === null || frames === 0 || bytes === null) return 'other-bytes';
  const end = at + bytes;
  const tag = await file.readAt(Math.max(0, file.bytes - TAG.bytes), TAG.name.length);
  const soundEnd = file.bytes - (tag.toString('latin1') === TAG.name ? TAG.bytes : 0);
  if (Math.abs(end - soundEnd) > UNCOUNTED_BYTES) return 'other-bytes';
  const last = Math.max(at, Math.min(end, file.bytes) - PLACE_BYTES);
  const seen: Mp3Frame[] = [];
  for (let place = 1; place <= PLACES; place += 1) {
    const window = await file.readAt(at + Math.floor(((last - at) * place) / PLACES), PLACE_BYTES);
    const found = framesIn(window, header.frame);
    if (found.length === 0) return 'other-bytes';
    seen.push(...found);
  }
  const first = framesIn(await file.readAt(at + header.frame.bytes, PLACE_BYTES), header.frame);
  const isConstant = isOfOneBitrate([...first, ...seen]);
  return countsFrames(header, seen, { isConstant, times: SAMPLED_TIMES }) ? 'kept' : 'other-frames';
}

/** By how much the frames of a few places may be larger or smaller than all are, where their bitrate varies. */
const SAMPLED_TIMES = 1.25;
/** The same of the beginning alone, where many speakers are silent. */
const BEGINNING_TIMES = 2;
/** Where the bitrate is one, nothing but rounding is between the count of frames and the bytes; and the header’s own frame. */
const ROUNDING = 0.01;
const UNCOUNTED_FRAMES = 3;

/** Whether its count of frames is about right, by the frames that a file begins with; `true` where none is seen. */
export function countsFramesLike(header: XingHeader, beginning: Buffer): boolean {
  const seen = framesIn(beginning.subarray(header.at + header.frame.bytes), header.frame);
  const isConstant = isOfOneBitrate(seen);
  return seen.length === 0 || countsFrames(header, seen, { isConstant, times: BEGINNING_TIMES });
}

function isOfOneBitrate(seen: readonly Mp3Frame[]): boolean {
  return seen.every(({ meanBytes }) => meanBytes === seen[0]?.meanBytes);
}

/** @param times by how much the frames of a varying bitrate may differ from those that are seen */
function countsFrames(
  { frames, bytes }: XingHeader,
  seen: readonly Mp3Frame[],
  { isConstant, times }: { isConstant: boolean; times: number },
): boolean {
  if (frames === null || bytes === null) return false;
  const meanBytes = seen.reduce((sum, frame) => sum + frame.meanBytes, 0) / seen.length;
  const expected = bytes / meanBytes;
  if (isConstant) return Math.abs(frames - expected) <= UNCOUNTED_FRAMES + ROUNDING * expected;
  return frames <= expected * times && frames >= expected / times;
}

/** Frames of that kind that follow one another to the end of the window; the last one is begun there. */
function framesIn(window: Buffer, { samples, sampleRate }: Mp3Frame): Mp3Frame[] {
  const frameAt = (at: number) => {
    const frame = mp3FrameAt(window, at);
    return frame?.samples === samples && frame.sampleRate === sampleRate ? frame : null;
  };
  for (let at = window.indexOf(0xff); at !== -1; at = window.indexOf(0xff, at + 1)) {
    const found: Mp3Frame[] = [];
    let end = at;
    for (let frame = frameAt(end); frame !== null; frame = frameAt(end)) {
      found.push(frame);
      end += frame.bytes;
    }
    if (found.length > 1) return found;
  }
  return [];
}
