import type { Catalogue, ProviderFacts, Route, Source } from '../src/index.js';

const source: Source = { kind: 'doc', text: 'invented for tests', date: '2026-01-01' };
const assumed: Source = { ...source, kind: 'assumed' };

/** Sells by the second, in two resolutions; each key is an account; its limits are assumed. */
const acme: ProviderFacts = {
  id: 'acme',
  title: 'Acme',
  hosts: { base_url: 'https://api.acme.test/v1' },
  ownHosts: ['api.acme.test'],
  keyVariable: 'ACME_API_KEY',
  keysAre: 'separate',
  auth: ['x-api-key', 'bearer'],
  limits: { creates: 10, perMs: 60_000, concurrent: 2, source: assumed },
  tiers: {},
  listingLagMs: 60_000,
  upload: { maximumBytes: null, keptMs: null },
};

/** Has tiers, and a route for two voices. */
const globex: ProviderFacts = {
  id: 'globex',
  title: 'Globex',
  hosts: { base_url: 'https://api.globex.test' },
  ownHosts: ['api.globex.test'],
  keyVariable: 'GLOBEX_API_KEY',
  keysAre: 'shared',
  auth: ['bearer'],
  limits: { creates: 5, perMs: 60_000, concurrent: 3, source },
  tiers: {
    bronze: { creates: 5, perMs: 60_000, concurrent: 3 },
    silver: { creates: 60, perMs: 60_000, concurrent: 100 },
  },
  listingLagMs: null,
  upload: { maximumBytes: null, keptMs: null },
};

/** Sells by the frame, needs a prompt, has options and a second host. */
const initech: ProviderFacts = {
  id: 'initech',
  title: 'Initech',
  hosts: { base_url: 'https://queue.initech.test', upload_url: 'https://files.initech.test' },
  ownHosts: ['.initech.test'],
  keyVariable: 'INITECH_KEY',
  keysAre: 'shared',
  auth: ['key'],
  limits: { creates: 10, perMs: 1_000, concurrent: 10, source },
  tiers: {},
  listingLagMs: null,
  upload: { maximumBytes: null, keptMs: null },
};

const common = {
  resolutions: ['480p', '720p'],
  defaultResolution: '480p',
  prompt: 'optional',
  mask: true,
  seed: { minimum: -1, maximum: 2_147_483_647 },
  frames: null,
  maximumSeconds: null,
  options: {},
  accepts: { audio: null, video: null, image: null },
  failedPrediction: { charged: 'no', source },
  usual: { fixedSeconds: 10, secondsPerSecond: 2, source },
  poll: { everyMs: 2_000, source },
  timeoutMs: 3_600_000,
  notes: [],
} as const satisfies Partial<Route>;

const routes: Route[] = [
  {
    ...common,
    id: 'acme/talk',
    provider: 'acme',
    title: 'Talk',
    voices: 1,
    accepts: { audio: ['mp3', 'wav'], video: ['mp4', 'mov'], image: ['png'] },
    price: { kind: 'unknown', source },
  },
  {
    ...common,
    id: 'globex/dub',
    provider: 'globex',
    title: 'Dub',
    voices: 1,
    maximumSeconds: 600,
    price: { kind: 'per-second', microsPerSecond: { '480p': 30_000, '720p': 60_000 }, minimumSeconds: 5, source },
  },
  {
    ...common,
    id: 'globex/duet',
    provider: 'globex',
    title: 'Duet',
    voices: 2,
    resolutions: null,
    defaultResolution: null,
    maximumSeconds: 600,
    price: { kind: 'per-second', microsPerSecond: { any: 15_000 }, minimumSeconds: 5, maximumSeconds: 600, source },
  },
  {
    ...common,
    id: 'initech/speak',
    provider: 'initech',
    title: 'Speak',
    voices: 1,
    prompt: 'required',
    mask: false,
    seed: { minimum: 0, maximum: 1_000 },
    frames: { framesPerSecond: 25, minimum: 81, maximum: 145, hardMaximum: 721 },
    options: {
      speed: { kind: 'enum', values: ['slow', 'regular', 'fast'], default: 'regular', description: 'How fast.' },
      polish: { kind: 'boolean', default: false, description: 'A second pass.' },
    },
    price: {
      kind: 'per-frame',
      microsPerSecond: 300_000,
      framesPerSecond: 25,
      surcharge: { aboveFrames: 81, numerator: 5, denominator: 4 },
      source,
    },
  },
];

/** Providers that exist nowhere, with every constraint that a route can have. */
export const testCatalogue: Catalogue = { providers: [acme, globex, initech], routes };
