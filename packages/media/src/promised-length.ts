import { extname } from 'node:path';
import type { LocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import type { MediaFacts } from './media-facts.js';
import type { OpenMedia } from './open-media.js';

/**
 * Checks that a local MP3 or FLAC is as long as its own header promises. One that promises nothing (no Xing header, a
 * streamed FLAC) passes: nothing in it tells that it was cut.
 *
 * Throws MEDIA_INCOMPLETE.
 * @param facts what was read of it
 */
export async function checkPromisedLength({ input }: OpenMedia, file: LocalFile, facts: MediaFacts): Promise<void> {
  if (facts.container === 'mp3') checkLength(file, await promisedByXing(file, facts), facts.durationMs);
  if (facts.container !== 'flac') return;
  // A FLAC is taken to be as long as its header says, where it says so.
  const seconds = await input.computeDuration(undefined, { metadataOnly: true });
  checkLength(file, facts.durationMs, seconds * 1000);
}

/** Some encoders count the header too, or what they flush at the end; no frame of an MP3 is longer than 72 ms. */
const UNCOUNTED_MS = 250;

function checkLength({ path }: LocalFile, promisedMs: number | null, foundMs: number): void {
  if (promisedMs === null || promisedMs - foundMs <= UNCOUNTED_MS) return;
  const [promised, found] = [promisedMs, foundMs].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  const ending = extname(path);
  throw new MediaError(
    'MEDIA_INCOMPLETE',
    `${path} is cut off: its header promises ${promised}, and it holds ${found}; get the whole file, or, if it was cut ` +
      `on purpose, give it a true header: ffmpeg -i in${ending} -c copy out${ending}`,
  );
}

/** Where in the first frame the header begins at most: behind 4 bytes and what tells how channels are coded. */
const XING_WITHIN_BYTES = 36;
/** Its name, its flags, the count of frames. */
const XING_BYTES = 12;
const HAS_FRAMES = 1;

/** Milliseconds by the count of frames in an MP3's Xing (or `Info`) header; `null` without one. */
async function promisedByXing(file: LocalFile, { audio }: MediaFacts): Promise<number | null> {
  const id3 = await file.readAt(0, 10);
  const firstFrame = id3.toString('latin1', 0, 3) === 'ID3' ? 10 + synchsafe(id3.subarray(6)) : 0;
  const head = await file.readAt(firstFrame, XING_WITHIN_BYTES + XING_BYTES);
  const at = head.toString('latin1').search(/Xing|Info/);
  if (audio === null || at === -1 || head.length < at + XING_BYTES) return null;
  if ((head.readUInt32BE(at + 4) & HAS_FRAMES) === 0) return null;
  // Layer III: 1152 samples a frame in MPEG-1, which has the sample rates from 32 kHz, half as many in the others.
  const samples = audio.sampleRate >= 32_000 ? 1152 : 576;
  return (head.readUInt32BE(at + 8) * samples * 1000) / audio.sampleRate;
}

/** A number of 7 bits a byte. */
function synchsafe(bytes: Buffer): number {
  return bytes.subarray(0, 4).reduce((value, byte) => value * 128 + (byte & 127), 0);
}
