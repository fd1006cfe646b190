import type { ProviderFacts, Route } from '@localize/core';
import { source } from './source.js';
import { DAY_MS, HOUR_MS, MEGABYTE, MINUTE_MS } from './units.js';

/** Videos a minute and tasks at once [doc account-levels]. */
const TIERS = {
  bronze: { creates: 5, perMs: MINUTE_MS, concurrent: 3 },
  silver: { creates: 60, perMs: MINUTE_MS, concurrent: 100 },
  gold: { creates: 600, perMs: MINUTE_MS, concurrent: 2000 },
  ultra: { creates: 5000, perMs: MINUTE_MS, concurrent: 5000 },
} as const;

export const wavespeedFacts: ProviderFacts = {
  id: 'wavespeed',
  title: 'WaveSpeedAI',
  hosts: { base_url: 'https://api.wavespeed.ai/api/v3' },
  ownHosts: ['api.wavespeed.ai'],
  keyVariable: 'WAVESPEED_API_KEY',
  keysAre: 'shared',
  auth: ['bearer'],
  limits: { ...TIERS.bronze, source: source('doc', 'account levels: bronze, the lowest; `tier` picks another') },
  tiers: TIERS,
  // Nothing states a lag [assumed].
  listingLagMs: 2 * MINUTE_MS,
  // [doc upload-files-api] above about 300 MB pass a URL; kept for 7 days.
  upload: { maximumBytes: 300 * MEGABYTE, keptMs: 7 * DAY_MS },
};

/**
 * The longest clip [page wavespeed, wavespeed multi], and the most that is billed: each voice is rounded up, so their
 * seconds may come to more [client source wsmcp].
 */
const MOST_SECONDS = 600;

const COMMON = {
  provider: 'wavespeed',
  prompt: 'optional',
  mask: true,
  // -1 asks for a random seed [page wavespeed, wavespeed multi].
  seed: { minimum: -1, maximum: 2_147_483_647 },
  frames: null,
  maximumSeconds: MOST_SECONDS,
  options: {},
  accepts: { audio: null, video: null, image: null },
  failedPrediction: {
    charged: 'refunded',
    source: source('doc', 'troubleshooting guide: failed tasks are refunded automatically within 3 hours'),
  },
  poll: { everyMs: 3000, source: source('assumed', 'no page states an interval') },
  // 600 s of video at 30 s each take 5 h [page wavespeed].
  timeoutMs: 6 * HOUR_MS,
} as const;

export const wavespeedInfinitetalk: Route = {
  ...COMMON,
  id: 'wavespeed/infinitetalk',
  title: 'Infinitetalk Video To Video',
  voices: 1,
  resolutions: ['480p', '720p'],
  defaultResolution: '480p',
  price: {
    kind: 'per-second',
    microsPerSecond: { '480p': 30_000, '720p': 60_000 },
    minimumSeconds: 5,
    maximumSeconds: MOST_SECONDS,
    source: source('seed', '$0.15 (480p) or $0.30 (720p) per 5 s, whole seconds rounded up, at least 5 s'),
  },
  usual: {
    fixedSeconds: 10,
    secondsPerSecond: 20,
    source: source('seed', '"~10–30 seconds of wall time per 1 second of video"; the middle of it'),
  },
  notes: [
    'A later version of the page bills at least 3 s instead of 5 s; 5 s never underestimates.',
    'A mask over the whole image gives black output: so says the page of the route with two voices.',
  ],
};

export const wavespeedInfinitetalkFastMulti: Route = {
  ...COMMON,
  id: 'wavespeed/infinitetalk-fast-multi',
  title: 'Infinitetalk Fast Video To Video Multi',
  voices: 2,
  resolutions: null,
  defaultResolution: null,
  price: {
    kind: 'per-second',
    microsPerSecond: { any: 15_000 },
    minimumSeconds: 5,
    maximumSeconds: MOST_SECONDS,
    source: source('seed', '$0.015 per second, at least 5 s; voices in turn are added, at once the longer counts'),
  },
  usual: {
    fixedSeconds: 10,
    secondsPerSecond: 10,
    source: source('assumed', '"faster than standard version": the fast end of 10 to 30 s a second'),
  },
  notes: [
    'The page lists mask_image in its text and not in its API table: it is sent only when asked for.',
    'A mask over the whole image gives black output.',
  ],
};
