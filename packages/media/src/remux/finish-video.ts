import { readFile } from 'node:fs/promises';
import { toMediaError } from '../media-error.js';
import type { MediaFacts } from '../media-facts.js';
import type { OpenMedia } from '../open-media.js';
import { probe, readFacts } from '../probe.js';
import { arrangeSounds, type Sound } from './arranged-sound.js';
import { keepPicture, keepSounds } from './kept-tracks.js';
import { withInputs } from './with-inputs.js';
import { type Mp4Tags, writeMp4 } from './write-mp4.js';

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

/**
 * Makes a deliverable of a finished video by copying its packets into a new MP4: language and title are set, its sound
 * may be replaced, subtitles may be attached. Pictures are never encoded again; a sound only where no player takes its
 * packets in an MP4 (WAV, two voices at once).
 *
 * Throws MediaError about an input, a plain error of the file system about the output, and the signal's reason when
 * aborted; then nothing is at `output` that was not there before.
 */
export async function finishVideo(options: FinishVideoOptions): Promise<MediaFacts> {
  const { picture, sound, tags, output, signal } = options;
  signal?.throwIfAborted();
  const subtitles = options.subtitles === null ? {} : { subtitles: await readSubtitles(options.subtitles) };
  await withInputs(async (open) => {
    const media = await open(picture);
    const kept = await keepVideo(media, sound === null).catch((error: unknown) => {
      throw media.explain(error);
    });
    const sounds = sound === null ? kept.sounds : await arrangeSounds(sound, open);
    await writeMp4(output, { ...kept, sounds, tags, ...subtitles }, signal);
  });
  return probe(output, signal === undefined ? {} : { signal });
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
