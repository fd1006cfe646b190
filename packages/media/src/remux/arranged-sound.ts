import { canDecode } from '../decode/decoded-sound.js';
import { MediaError } from '../media-error.js';
import { startOf } from '../media-start.js';
import type { OpenMedia } from '../open-media.js';
import { readFacts } from '../probe.js';
import { canCopy, copySound, type Voice } from './copied-sound.js';
import { encodeSound } from './encoded-sound.js';
import type { SoundTrack } from './packet-track.js';
import type { Open } from './with-inputs.js';

/** How the given audio files lie in the output: alone, left then right, right then left, or both at once. */
export type Arrangement = 'single' | 'left_right' | 'right_left' | 'meanwhile';

export interface Sound {
  /** Paths or URLs: one for `single`, else the left and the right speaker's, in this order for every arrangement. */
  readonly audio: readonly string[];
  readonly arrangement: Arrangement;
}

/** All the sound of one output, at its whole length. */
export async function arrangeSounds(sound: Sound, open: Open): Promise<SoundTrack[]> {
  const voices = await arrangeVoices(sound, open);
  const endSeconds = Math.max(...voices.map((voice) => voice.endSeconds));
  return createSounds(voices, sound.arrangement === 'meanwhile', endSeconds);
}

/** Each voice with the place that it has in the output. */
export function arrangeVoices({ audio, arrangement }: Sound, open: Open): Promise<Voice[]> {
  const ordered = arrangement === 'right_left' ? [...audio].reverse() : audio;
  return readVoices(ordered, arrangement === 'meanwhile', open);
}

/**
 * Packets are copied where they can be, else everything is decoded and encoded as one AAC track. Where something can't
 * be decoded (AAC with a voice that differs from it or speaks at the same time), each voice becomes a track of its own:
 * browsers play the first.
 */
export function createSounds(voices: readonly Voice[], together: boolean, endSeconds: number): SoundTrack[] {
  if ((!together || voices.length === 1) && canCopy(voices)) return [copySound(voices, endSeconds)];
  if (voices.every((voice) => canDecode(voice.codec))) return [encodeSound(voices, endSeconds)];
  const longestFirst = together ? [...voices].sort((a, b) => b.endSeconds - a.endSeconds) : voices;
  return longestFirst.map((voice) => {
    if (canCopy([voice])) return copySound([voice], endSeconds);
    if (canDecode(voice.codec)) return encodeSound([voice], endSeconds);
    throw new MediaError('MEDIA_UNREADABLE', `${voice.media.name}: ${voice.codec} audio can't be placed in an MP4`);
  });
}

async function readVoices(sources: readonly string[], together: boolean, open: Open): Promise<Voice[]> {
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
  const cueSeconds = await startOf(media.input);
  const pauseSeconds = Math.max(0, (await track.getFirstTimestamp()) - cueSeconds);
  return { media, codec, config, track, cueSeconds, pauseSeconds, startSeconds, endSeconds: startSeconds + seconds };
}
