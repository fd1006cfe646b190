import { checkContainerEnd } from '../container-end.js';
import { MediaError } from '../media-error.js';
import type { MediaFacts } from '../media-facts.js';
import { type OpenMedia, openMedia } from '../open-media.js';
import { probe, readFacts } from '../probe.js';
import { canCopy, copySound, type Voice } from './copied-sound.js';
import { canDecode } from './decoded-voice.js';
import { encodeSound } from './encoded-sound.js';
import type { SoundTrack } from './packet-track.js';
import { createPictureTrack } from './picture-track.js';
import { writeMp4 } from './write-mp4.js';

/** How the given audio files lie in the output: alone, left then right, right then left, or both at once. */
export type Arrangement = 'single' | 'left_right' | 'right_left' | 'meanwhile';

export interface RemuxOptions {
  /** Path of the video file that the picture is taken from; its own sound is left out. */
  picture: string;
  /** Paths: one for `single`, else the left and the right speaker's, in this order for every arrangement. */
  audio: readonly string[];
  arrangement: Arrangement;
  /** Path of the MP4 to write; an existing file is replaced in one step. Its folder must exist. */
  output: string;
  /** Length of the output. Without it the output is as long as its audio. */
  durationMs?: number;
  signal?: AbortSignal;
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
export async function remux(options: RemuxOptions): Promise<MediaFacts> {
  const { picture, audio, arrangement, output, signal } = options;
  const expected = arrangement === 'single' ? 1 : 2;
  if (audio.length !== expected) {
    throw new RangeError(`remux: ${arrangement} takes ${expected} audio file(s), got ${audio.length}`);
  }
  if (options.durationMs !== undefined && !(options.durationMs >= SHORTEST_MS)) {
    throw new RangeError(`remux: durationMs must be at least ${SHORTEST_MS}, got ${options.durationMs}`);
  }
  signal?.throwIfAborted();
  const opened: OpenMedia[] = [];
  const open = async (source: string) => {
    const media = await openMedia(source);
    opened.push(media);
    // Reading a file that was cut ends early without an error.
    if (media.file !== null) await checkContainerEnd(media.file);
    return media;
  };
  try {
    const ordered = arrangement === 'right_left' ? [...audio].reverse() : audio;
    const together = arrangement === 'meanwhile';
    const voices = await readVoices(ordered, together, open);
    const audioSeconds = Math.max(...voices.map((voice) => voice.endSeconds));
    const endSeconds = options.durationMs === undefined ? audioSeconds : options.durationMs / 1000;
    const pictureMedia = await open(picture);
    const pictureTrack = await createPictureTrack(pictureMedia, endSeconds).catch((error: unknown) => {
      throw pictureMedia.explain(error);
    });
    const sounds = createSounds(voices, together, endSeconds);
    await writeMp4(output, { picture: pictureTrack, sounds, endSeconds }, signal);
  } finally {
    for (const media of opened) media.close();
  }
  return probe(output, signal === undefined ? {} : { signal });
}

/**
 * Packets are copied where they can be, else everything is decoded and encoded as one AAC track. Where something can't
 * be decoded (AAC with a voice that differs from it or speaks at the same time), each voice becomes a track of its own:
 * browsers play the first.
 */
function createSounds(voices: readonly Voice[], together: boolean, endSeconds: number): SoundTrack[] {
  if ((!together || voices.length === 1) && canCopy(voices)) return [copySound(voices, endSeconds)];
  if (voices.every((voice) => canDecode(voice.codec))) return [encodeSound(voices, endSeconds)];
  const longestFirst = together ? [...voices].sort((a, b) => b.endSeconds - a.endSeconds) : voices;
  return longestFirst.map((voice) => {
    if (canCopy([voice])) return copySound([voice], endSeconds);
    if (canDecode(voice.codec)) return encodeSound([voice], endSeconds);
    throw new MediaError('MEDIA_UNREADABLE', `${voice.media.name}: ${voice.codec} audio can't be placed in an MP4`);
  });
}

async function readVoices(
  sources: readonly string[],
  together: boolean,
  open: (source: string) => Promise<OpenMedia>,
): Promise<Voice[]> {
  const voices: Voice[] = [];
  let cursor = 0;
  for (const source of sources) {
    const media = await open(source);
    const voice = await readVoice(media, together ? 0 : cursor).catch((error: unknown) => {
      throw media.explain(error);
    });
    cursor = voice.endSeconds;
    voices.push(voice);
  }
  return voices;
}

async function readVoice(media: OpenMedia, startSeconds: number): Promise<Voice> {
  const facts = await readFacts(media);
  const track = await media.input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  const config = await track?.getDecoderConfig();
  if (!track || !codec || !config) throw new MediaError('MEDIA_UNREADABLE', `${media.name} has no audio track`);
  const seconds = (facts.audioDurationMs ?? facts.durationMs) / 1000;
  return { media, codec, config, track, startSeconds, endSeconds: startSeconds + seconds };
}
