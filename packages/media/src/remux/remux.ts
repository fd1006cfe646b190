import { canDecode } from '../decode/decoded-sound.js';
import type { Mp4Tags } from '../isobmff/tagged-movie.js';
import type { MediaFacts } from '../media-facts.js';
import { probe } from '../probe.js';
import { type Arrangement, arrangeVoices, createSounds } from './arranged-sound.js';
import { withNote } from './noted-picture.js';
import { createPictureTrack } from './picture-track.js';
import { withInputs } from './with-inputs.js';
import { writeMp4 } from './write-mp4.js';

export interface RemuxOptions {
  /** Path of the video file that the picture is taken from; its own sound is left out. */
  picture: string;
  /** Paths: one for `single`, else the left and the right speaker's, in this order for every arrangement. */
  audio: readonly string[];
  arrangement: Arrangement;
  /** Path of the MP4 to write; an existing file is replaced in one step. Its folder must exist. */
  output: string;
  tags?: Mp4Tags;
  /** Told beside the first picture, where its codec has room for that: it stays wherever packets are copied. */
  note?: Buffer;
  /** Length of the output. Without it the output is as long as its audio. */
  durationMs?: number;
  signal?: AbortSignal;
}

export interface Remuxed extends MediaFacts {
  /**
   * Those of the audio files on account of which each voice is a sound track of its own, since they could not be decoded
   * and mixed with the other: players play the first track alone.
   */
  readonly unmixed: readonly string[];
}

/** Shorter than any frame of a usual video. */
const SHORTEST_MS = 10;

/**
 * Writes a playable MP4 with the pictures of one file and the sound of others. Nothing is re-encoded where a browser
 * plays the packets as they are. Returns the facts of what was written.
 *
 * Throws MediaError about an input, a plain error of the file system about the output, and the signal's reason when
 * aborted; then nothing is at `output` that was not there before.
 */
export async function remux(options: RemuxOptions): Promise<Remuxed> {
  const { picture, audio, arrangement, output, signal } = options;
  const expected = arrangement === 'single' ? 1 : 2;
  if (audio.length !== expected) {
    throw new RangeError(`remux: ${arrangement} takes ${expected} audio file(s), got ${audio.length}`);
  }
  if (options.durationMs !== undefined && !(options.durationMs >= SHORTEST_MS)) {
    throw new RangeError(`remux: durationMs must be at least ${SHORTEST_MS}, got ${options.durationMs}`);
  }
  signal?.throwIfAborted();
  const unmixed = await withInputs(async (open) => {
    const voices = await arrangeVoices({ audio, arrangement }, open);
    const audioSeconds = Math.max(...voices.map((voice) => voice.endSeconds));
    const endSeconds = options.durationMs === undefined ? audioSeconds : options.durationMs / 1000;
    const pictureMedia = await open(picture);
    const pictureTrack = await createPictureTrack(pictureMedia, endSeconds).catch((error: unknown) => {
      throw pictureMedia.explain(error);
    });
    const sounds = createSounds(voices, arrangement === 'meanwhile', endSeconds);
    const tags = options.tags === undefined ? {} : { tags: options.tags };
    const noted = options.note === undefined ? pictureTrack : withNote(pictureTrack, options.note);
    await writeMp4(output, { picture: noted, sounds, endSeconds, ...tags }, signal);
    return sounds.length === 1 ? [] : voices.filter(({ codec }) => !canDecode(codec)).map(({ media }) => media.name);
  });
  return { ...(await probe(output, signal === undefined ? {} : { signal })), unmixed };
}
