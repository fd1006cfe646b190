import { rm } from 'node:fs/promises';
import { tagFile } from '../isobmff/tagged-file.js';
import type { Mp4Tags } from '../isobmff/tagged-movie.js';
import { bytesOf, openLocalFile } from '../local-file.js';
import { MediaError } from '../media-error.js';
import { startOf } from '../media-start.js';
import type { OpenMedia } from '../open-media.js';
import { readFacts } from '../probe.js';
import { readCues } from '../probe-subtitles.js';
import type { Cue } from '../subtitles/parse-vtt.js';
import type { VideoBytes } from '../verify-video.js';
import { arrangeSounds, type Sound } from './arranged-sound.js';
import { keepPicture, keepSounds } from './kept-tracks.js';
import { partialName } from './partial-name.js';
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
 * may be replaced, subtitles may be attached as a track of timed text (`tx3g`). Pictures are never encoded again; a sound
 * only where no player takes its packets in an MP4 (WAV, two voices at once). Where the sound stays, only the file's index
 * is new, if it can be.
 *
 * Throws MediaError about an input, a plain error of the file system about the output, and the signal's reason when
 * aborted; then nothing is at `output` that was not there before.
 */
export async function finishVideo(options: FinishVideoOptions): Promise<FinishedVideo> {
  const { picture, sound, tags, output, signal } = options;
  signal?.throwIfAborted();
  const cues = options.subtitles === null ? [] : await readCues(options.subtitles);
  if (sound === null) {
    const sha256 = await writeRetagged(picture, { tags, cues }, output, signal);
    if (sha256 !== null) return { sha256 };
  }
  if (cues.length === 0) {
    await writePackets(options, output);
    return { sha256: null };
  }
  const withoutSubtitles = partialName(output);
  try {
    await writePackets(options, withoutSubtitles);
    const sha256 = await writeRetagged(withoutSubtitles, { tags, cues }, output, signal);
    if (sha256 === null) throw new MediaError('MEDIA_UNREADABLE', `subtitles can't be attached to ${picture}`);
    return { sha256 };
  } finally {
    await rm(withoutSubtitles, { force: true });
  }
}

/** A new MP4 of the same pictures, with the tags and the sound that are wanted. */
async function writePackets({ picture, sound, tags, signal }: FinishVideoOptions, path: string): Promise<void> {
  await withInputs(async (open) => {
    const media = await open(picture);
    const kept = await keepVideo(media, sound === null).catch((error: unknown) => {
      throw media.explain(error);
    });
    const sounds = sound === null ? kept.sounds : await arrangeSounds(sound, open);
    await writeMp4(path, { ...kept, sounds, tags }, signal);
  });
}

/**
 * The same video with other tags, in memory.
 * @returns `null` where that takes more than another index: {@link finishVideo} makes it then
 */
export async function tagVideo({ name, content }: VideoBytes, tags: Mp4Tags): Promise<Buffer | null> {
  const tagged = await tagFile(bytesOf(content, name), tags, []);
  if (tagged === null) return null;
  return Buffer.concat([content.subarray(0, tagged.from), tagged.index, content.subarray(tagged.to)]);
}

/** @returns the SHA-256 of what was written; `null`: nothing was */
async function writeRetagged(
  picture: string,
  { tags, cues }: { tags: Mp4Tags; cues: readonly Cue[] },
  output: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const file = await openLocalFile(picture);
  try {
    const tagged = await tagFile(file, tags, cues);
    return tagged && (await writeTagged(file, tagged, output, signal));
  } finally {
    await file.close();
  }
}

async function keepVideo(media: OpenMedia, withSound: boolean) {
  const { durationMs } = await readFacts(media);
  const startSeconds = await startOf(media.input);
  const sounds = withSound ? await keepSounds(media, startSeconds) : [];
  return { picture: await keepPicture(media, startSeconds), sounds, endSeconds: durationMs / 1000 };
}
