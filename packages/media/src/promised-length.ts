import { extname } from 'node:path';
import { holdsEveryFrame } from './flac-walk.js';
import type { LocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import type { MediaFacts } from './media-facts.js';
import { judgeXing, promisedMs, readXing } from './mp3-frames.js';
import type { OpenMedia } from './open-media.js';

/**
 * Checks that a local MP3 or FLAC is as long as its own header promises. One that promises nothing (no Xing header, a
 * streamed FLAC) passes: nothing in it tells that it was cut.
 *
 * Throws MEDIA_INCOMPLETE.
 * @param facts what was read of it
 */
export async function checkPromisedLength({ input }: OpenMedia, file: LocalFile, facts: MediaFacts): Promise<void> {
  if (facts.container === 'mp3') await checkMp3(file, facts.durationMs);
  if (facts.container !== 'flac' || (await holdsEveryFrame(file))) return;
  // A FLAC is taken to be as long as its header says, where it says so.
  const seconds = await input.computeDuration(undefined, { metadataOnly: true });
  checkLength(file, facts.durationMs, seconds * 1000);
}

async function checkMp3(file: LocalFile, foundMs: number): Promise<void> {
  const header = await readXing(file);
  const promised = header && promisedMs(header);
  if (header === null || promised === null || isAsPromised(promised, foundMs)) return;
  // All its bytes are there, and frames of other sizes than it would take: it was miscounted, not cut.
  if ((await judgeXing(file, header)) === 'other-frames') return;
  checkLength(file, promised, foundMs);
}

/** Some encoders count the header too, or what they flush at the end; no frame of an MP3 is longer than 72 ms. */
const UNCOUNTED_MS = 250;

function isAsPromised(promisedMs: number, foundMs: number): boolean {
  return promisedMs - foundMs <= UNCOUNTED_MS;
}

function checkLength({ path }: LocalFile, promisedMs: number, foundMs: number): void {
  if (isAsPromised(promisedMs, foundMs)) return;
  const [promised, found] = [promisedMs, foundMs].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  const ending = extname(path);
  throw new MediaError(
    'MEDIA_INCOMPLETE',
    `${path} is cut off: its header promises ${promised}, and it holds ${found}; get the whole file, or, if it was cut ` +
      `on purpose, give it a true header: ffmpeg -i in${ending} -c copy out${ending}`,
  );
}
