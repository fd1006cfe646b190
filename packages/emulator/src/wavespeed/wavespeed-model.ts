import type { FieldRule } from '../http/fields.js';
import type { RouteName } from '../provider-name.js';

/** One WaveSpeed model: its page's table and its price. */
export interface WavespeedModel {
  id: string;
  name: string;
  route: RouteName;
  fields: readonly FieldRule[];
  /** Micro-dollars a second of billed audio, by resolution where the model has one. */
  microsPerSecond(inputs: Readonly<Record<string, unknown>>): number;
  /** Shortest and longest wall time for a second of output, in seconds. */
  pace: readonly [number, number];
}

const SEED: FieldRule = { name: 'seed', type: 'integer', minimum: -1, maximum: 2_147_483_647 };
const VIDEO: FieldRule = { name: 'video', type: 'string', required: true, nonEmpty: true };
const OPTIONAL: readonly FieldRule[] = [
  { name: 'mask_image', type: 'string', nonEmpty: true },
  { name: 'prompt', type: 'string' },
  SEED,
  // A flag of the platform, not of a model: hold the create until the end [client source wsjs].
  { name: 'enable_sync_mode', type: 'boolean' },
];

/** [page wavespeed]; $0.15 for 5 s at 480p, $0.30 at 720p. */
const INFINITETALK: WavespeedModel = {
  id: 'wavespeed-ai/infinitetalk/video-to-video',
  name: 'Infinitetalk Video To Video',
  route: 'wavespeed/infinitetalk',
  fields: [
    { name: 'audio', type: 'string', required: true, nonEmpty: true },
    VIDEO,
    { name: 'resolution', type: 'string', oneOf: ['480p', '720p'] },
    ...OPTIONAL,
  ],
  microsPerSecond: (inputs) => (inputs.resolution === '720p' ? 60_000 : 30_000),
  // "~10–30 seconds of wall time per 1 second of video" [page wavespeed].
  pace: [10, 30],
};

/** [page wavespeed multi]; $0.015 a second. `mask_image` is in its prose table and missing from its API table: taken. */
const INFINITETALK_FAST_MULTI: WavespeedModel = {
  id: 'wavespeed-ai/infinitetalk-fast/video-to-video-multi',
  name: 'Infinitetalk Fast Video To Video Multi',
  route: 'wavespeed/infinitetalk-fast-multi',
  fields: [
    VIDEO,
    { name: 'left_audio', type: 'string', required: true, nonEmpty: true },
    { name: 'right_audio', type: 'string', required: true, nonEmpty: true },
    { name: 'order', type: 'string', oneOf: ['meanwhile', 'left_right', 'right_left'] },
    ...OPTIONAL,
  ],
  microsPerSecond: () => 15_000,
  // "faster than standard version" [page wavespeed multi]; by half is assumed.
  pace: [5, 15],
};

export const WAVESPEED_MODELS: readonly WavespeedModel[] = [INFINITETALK, INFINITETALK_FAST_MULTI];

/** Longest clip [page wavespeed, wavespeed multi]. */
export const MAXIMUM_SECONDS = 600;

/**
 * Billed seconds of voices that speak one after the other or at once: each rounded up, their sum or the longer, within
 * the minimum and the 600 s of the page [page wavespeed, wavespeed multi; per-voice rounding: client source wsmcp].
 */
export function billedSeconds(voicesMs: readonly number[], together: boolean, minimum: number): number {
  const seconds = voicesMs.map((ms) => Math.ceil(ms / 1000));
  const spoken = together ? Math.max(0, ...seconds) : seconds.reduce((sum, one) => sum + one, 0);
  return Math.min(MAXIMUM_SECONDS, Math.max(minimum, spoken));
}
