import { extname } from 'node:path';
import { holdsEveryFrame } from './flac-walk.js';
import { MediaError } from './media-error.js';
import type { MediaFacts } from './media-facts.js';
import { judgeXing, lacksBytes, promisedMs, readXing, type XingHeader } from './mp3-frames.js';
import type { OpenMedia } from './open-media.js';

/**
 * Checks that an MP3, or a FLAC that is here, is as long as its own header promises. One that promises nothing (no Xing
 * header, a streamed FLAC) passes: nothing in it tells that it was cut.
 *
 * Throws MEDIA_INCOMPLETE.
 * @param facts what was read of it
 */
export async function checkPromisedLength(media: OpenMedia, facts: MediaFacts): Promise<void> {
  const { input, file, name } = media;
  if (facts.container === 'mp3') await checkMp3(media, facts.durationMs);
  if (file === null || facts.container !== 'flac' || (await holdsEveryFrame(file))) return;
  // A FLAC is taken to be as long as its header says, where it says so.
  const seconds = await input.computeDuration(undefined, { metadataOnly: true });
  checkLength(name, facts.durationMs, seconds * 1000);
}

async function checkMp3(media: OpenMedia, foundMs: number): Promise<void> {
  const file = media.file ?? media.remote;
  const header = file && (await readXing(file));
  const promised = header && promisedMs(header);
  if (header === null || promised === null || isAsPromised(promised, foundMs)) return;
  if (await isCut(media, header)) checkLength(media.name, promised, foundMs);
}

/** Where all its bytes are there, and frames of other sizes than it would take, it was miscounted. */
async function isCut({ file, bytes }: OpenMedia, header: XingHeader): Promise<boolean> {
  return file === null ? lacksBytes(header, bytes()) : (await judgeXing(file, header)) !== 'other-frames';
}

/** Some encoders count the header too, or what they flush at the end; no frame of an MP3 is longer than 72 ms. */
const UNCOUNTED_MS = 250;

function isAsPromised(promisedMs: number, foundMs: number): boolean {
  return promisedMs - foundMs <= UNCOUNTED_MS;
}

function checkLength(name: string, promisedMs: number, foundMs: number): void {
  if (isAsPromised(promisedMs, foundMs)) return;
  const [promised, found] = [promisedMs, foundMs].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  const ending = extname(name);
  throw new MediaError(
    'MEDIA_INCOMPLETE',
    `${name} is cut off: its header promises ${promised}, and it holds ${found}; get the whole file, or, if it was cut ` +
      `on purpose, give it a true header: ffmpeg -i in${ending} -c copy out${ending}`,
  );
}
