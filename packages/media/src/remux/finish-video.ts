import { readFile } from 'node:fs/promises';
import { tagFile } from '../isobmff/tagged-file.js';
import type { Mp4Tags } from '../isobmff/tagged-movie.js';
import { bytesOf, openLocalFile } from '../local-file.js';
import { toMediaError } from '../media-error.js';
import type { OpenMedia } from '../open-media.js';
import { readFacts } from '../probe.js';
import type { VideoBytes } from '../verify-video.js';
import { arrangeSounds, type Sound } from './arranged-sound.js';
import { keepPicture, keepSounds } from './kept-tracks.js';
import { withInputs } from './with-inputs.js';
import { writeMp4 } from './write-mp4.js';
import { writeTagged } from './write-tagged.js';

export interface FinishVideoOptions {
  /** Path of the video whose pictures are kept as they are. */
  readonly picture: string;
  /** What to put in the place of the video's own sound; `null` keeps that. */
  readonly sound: Sound | null;
  readonly tags: Mp4Tags;
  /** Path of a WebVTT file; `null`: no subtitles. Subtitles that the video had are left out. */
  readonly subtitles: string | null;
  /** Path of the MP4 to write; an existing file is replaced in one step. */
  readonly output: string;
  readonly signal?: AbortSignal;
}

export interface FinishedVideo {
  /** Of the file as it was written; `null` where nobody has seen all its bytes. */
  readonly sha256: string | null;
}

/**
 * Makes a deliverable of a finished video by copying its packets into a new MP4: language and title are set, its sound
 * may be replaced, subtitles may be attached. Pictures are never encoded again; a sound only where no player takes its
 * packets in an MP4 (WAV, two voices at once). Where the tags alone are new, the file's index alone is, if it can be.
 *
 * Throws MediaError about an input, a plain error of the file system about the output, and the signal's reason when
 * aborted; then nothing is at `output` that was not there before.
 */
export async function finishVideo(options: FinishVideoOptions): Promise<FinishedVideo> {
  const { picture, sound, tags, output, signal } = options;
  signal?.throwIfAborted();
  if (sound === null && options.subtitles === null) {
    const sha256 = await writeRetagged(picture, tags, output, signal);
    if (sha256 !== null) return { sha256 };
  }
  const subtitles = options.subtitles === null ? {} : { subtitles: await readSubtitles(options.subtitles) };
  await withInputs(async (open) => {
    const media = await open(picture);
    const kept = await keepVideo(media, sound === null).catch((error: unknown) => {
      throw media.explain(error);
    });
    const sounds = sound === null ? kept.sounds : await arrangeSounds(sound, open);
    await writeMp4(output, { ...kept, sounds, tags, ...subtitles }, signal);
  });
  return { sha256: null };
}

/**
 * The same video with other tags, in memory.
 * @returns `null` where that takes more than another index: {@link finishVideo} makes it then
 */
export async function tagVideo({ name, content }: VideoBytes, tags: Mp4Tags): Promise<Buffer | null> {
  const tagged = await tagFile(bytesOf(content, name), tags);
  if (tagged === null) return null;
  return Buffer.concat([content.subarray(0, tagged.from), tagged.index, content.subarray(tagged.to)]);
}

/** @returns the SHA-256 of what was written; `null`: nothing was */
async function writeRetagged(
  picture: string,
  tags: Mp4Tags,
  output: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const file = await openLocalFile(picture);
  try {
    const tagged = await tagFile(file, tags);
    return tagged && (await writeTagged(file, tagged, output, signal));
  } finally {
    await file.close();
  }
}

async function keepVideo(media: OpenMedia, withSound: boolean) {
  const { durationMs } = await readFacts(media);
  const sounds = withSound ? await keepSounds(media) : [];
  return { picture: await keepPicture(media), sounds, endSeconds: durationMs / 1000 };
}

async function readSubtitles(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toMediaError(error, path);
  });
  return text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
}
