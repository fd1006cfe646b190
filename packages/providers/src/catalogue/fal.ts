import type { ProviderFacts, Route } from '@localize/core';
import { source } from './source.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './units.js';

export const falFacts: ProviderFacts = {
  id: 'fal',
  title: 'fal',
  hosts: {
    base_url: 'https://queue.fal.run',
    upload_url: 'https://rest.fal.ai',
    platform_url: 'https://api.fal.ai/v1',
  },
  // The last two are the documented backup host and the older upload host.
  ownHosts: ['queue.fal.run', 'rest.fal.ai', 'api.fal.ai', 'queue.falrun.com', 'rest.alpha.fal.ai'],
  keyVariable: 'FAL_KEY',
  keysAre: 'shared',
  auth: ['key'],
  limits: {
    creates: 10,
    perMs: SECOND_MS,
    concurrent: 10,
    source: source(
      'assumed',
      'an older FAQ names 10 requests a second, current pages none; 10 open is a guess (fal queues the excess)',
    ),
  },
  tiers: {},
  // The listing has a required `started_at`, so a request that is still queued may be missing [assumed].
  listingLagMs: 30 * MINUTE_MS,
  // Kept as long as the account's media setting says, "forever" if unset [doc media-expiration].
  upload: { maximumBytes: null, keptMs: null },
};

export const falInfinitalk: Route = {
  id: 'fal/infinitalk',
  provider: 'fal',
  title: 'Infinitalk Video to Video',
  voices: 1,
  resolutions: ['480p', '720p'],
  defaultResolution: '480p',
  prompt: 'required',
  mask: false,
  seed: { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  // The page says "between 81 to 129" and "Default value: 145"; its sibling models take up to 721.
  frames: { framesPerSecond: 25, minimum: 81, maximum: 145, hardMaximum: 721 },
  maximumSeconds: null,
  options: {
    acceleration: {
      kind: 'enum',
      values: ['none', 'regular', 'high'],
      default: 'regular',
      description: 'The acceleration level to use for generation',
    },
  },
  accepts: { audio: null, video: null, image: null },
  price: {
    kind: 'per-frame',
    microsPerSecond: 300_000,
    framesPerSecond: 25,
    surcharge: { aboveFrames: 81, numerator: 5, denominator: 4 },
    source: source(
      'third-party',
      '$0.30 per second of output in two third-party captures; 25 fps assumed; 1.25x above 81 frames from the page',
    ),
  },
  failedPrediction: {
    charged: 'unknown',
    exceptFor: 'a 5xx',
    source: source('doc', 'a failure of 5xx is not billed, one of 422 may be when it used GPU time'),
  },
  usual: {
    fixedSeconds: 20,
    secondsPerSecond: 20,
    source: source('assumed', 'no page states a time; the same model elsewhere takes 10 to 30 s a second'),
  },
  poll: {
    everyMs: 3000,
    source: source('assumed', 'no page states an interval; the official client asks every 0.5 s'),
  },
  // At most 29 s of output, but fal queues what is above the account's concurrency.
  timeoutMs: 2 * HOUR_MS,
  notes: [
    'The price is a third party’s figure, and whether 720p costs more is unknown; billing events tell afterwards.',
    'Output length is bought in frames: 145 frames are 5.8 s. The page contradicts itself on the most that it takes.',
    'Without a seed fal uses 42, so equal inputs give equal videos.',
  ],
};
