import type { ProviderFacts, Route } from '@localize/core';
import { source } from './source.js';
import { DAY_MS, HOUR_MS, MEGABYTE, MINUTE_MS } from './units.js';

export const eachlabsFacts: ProviderFacts = {
  id: 'eachlabs',
  title: 'Eachlabs',
  hosts: { base_url: 'https://api.eachlabs.ai/v1' },
  ownHosts: ['api.eachlabs.ai'],
  keyVariable: 'EACHLABS_API_KEY',
  keysAre: 'separate',
  // X-API-Key [page eachlabs]; since 2026-07-27 only Bearer is named [doc authentication].
  auth: ['x-api-key', 'bearer'],
  limits: {
    creates: 100,
    perMs: MINUTE_MS,
    concurrent: 10,
    source: source('seed', '"100 creates / min, 10 concurrent per key"'),
  },
  tiers: {},
  // Nothing states a lag [assumed].
  listingLagMs: 2 * MINUTE_MS,
  // [doc storage] 100 MB, kept 180 days unless the presign asks otherwise.
  upload: { maximumBytes: 100 * MEGABYTE, keptMs: 180 * DAY_MS },
};

export const eachlabsInfinitalk: Route = {
  id: 'eachlabs/infinitalk',
  provider: 'eachlabs',
  title: 'Infinitalk Video to Video',
  voices: 1,
  resolutions: ['480p', '720p'],
  defaultResolution: '720p',
  prompt: 'optional',
  mask: true,
  // Printed as "1–2147483647.0000005". The text's "-1 means random" lies outside that range, so -1 is never sent.
  seed: { minimum: 1, maximum: 2_147_483_647 },
  frames: null,
  maximumSeconds: null,
  options: {},
  accepts: { audio: null, video: null, image: null },
  price: { kind: 'unknown', source: source('seed', '"Pricing information not available"') },
  failedPrediction: {
    charged: 'unknown',
    source: source('doc', 'only canceled and rejected predictions are said to be free; metrics.cost may tell'),
  },
  usual: {
    fixedSeconds: 300,
    secondsPerSecond: 0,
    source: source('seed', '"Estimated Processing Time: 300 seconds"'),
  },
  poll: { everyMs: 3000, source: source('doc', 'the examples poll every 2 to 5 s') },
  // The page states 300 s and "up to minutes or more" of output; the same model elsewhere takes 10 to 30 s a second.
  timeoutMs: 3 * HOUR_MS,
  notes: [
    'The price is not published: set providers.eachlabs.price, or the cost is known only from metrics.cost afterwards.',
    'The default resolution is 720p, unlike at the other providers.',
    'Media must be public https URLs.',
  ],
};
