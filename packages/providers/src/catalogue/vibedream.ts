import type { ProviderFacts, Route } from '@localize/core';
import { source } from './source.js';
import { HOUR_MS, MINUTE_MS } from './units.js';

/** VibeDream publishes one page a model and nothing else: whatever is not on that page is an assumption. */
export const vibedreamFacts: ProviderFacts = {
  id: 'vibedream',
  title: 'VibeDream',
  hosts: { base_url: 'https://api.vibedream.ai/api/v1' },
  ownHosts: ['api.vibedream.ai'],
  keyVariable: 'VIBEDREAM_API_KEY',
  keysAre: 'separate',
  auth: ['bearer'],
  limits: {
    creates: 10,
    perMs: MINUTE_MS,
    concurrent: 2,
    source: source('assumed', 'VibeDream publishes no limits: a cautious guess'),
  },
  tiers: {},
  listingLagMs: null,
  upload: null,
};

export const vibedreamInfinitetalkFast: Route = {
  id: 'vibedream/infinitetalk-fast',
  provider: 'vibedream',
  title: 'InfiniteTalk Fast Video-To-Video',
  voices: 1,
  resolutions: null,
  defaultResolution: null,
  prompt: 'optional',
  mask: true,
  // The page prints " – 1000 (step 1)" with the lower bound lost, and 0 in its example.
  seed: { minimum: 0, maximum: 1000 },
  frames: null,
  maximumSeconds: null,
  options: {},
  accepts: {
    audio: ['mp3', 'wav', 'm4a'],
    video: ['mp4', 'webm', 'mov'],
    image: ['jpeg', 'png', 'gif', 'webp'],
  },
  price: {
    kind: 'floor',
    micros: 170_000,
    source: source('seed', '"from $0.17/run"; the create reply states the price in costCents'),
  },
  failedPrediction: {
    charged: 'unknown',
    source: source('assumed', 'the page does not say whether a failed prediction is charged'),
  },
  usual: {
    fixedSeconds: 10,
    secondsPerSecond: 20,
    source: source('seed', '"~10–30s per 1 second of video"; the middle of it, and 10 s of queue assumed'),
  },
  poll: { everyMs: 2000, leastMs: 1000, source: source('seed', '"Poll every 1-2s"') },
  // 600 s of video at 30 s each take 5 h.
  timeoutMs: 6 * HOUR_MS,
  notes: [
    'Limits are assumed: VibeDream publishes none.',
    'The price is a floor until the create reply states it.',
    'There is no listing: a create whose reply was lost cannot be looked up.',
    'The seed range 0 to 1000 is a reading of a page that lost its lower bound.',
  ],
};
