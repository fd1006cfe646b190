import type { LaneLimit } from '../bound/ideal-schedule.js';

/** One provider in a scenario; each of its keys is an account with the whole limit. */
export interface LaneSetting {
  readonly limit: LaneLimit;
  /** Names of variables. */
  readonly keys: readonly string[];
  readonly poll: { readonly first: string; readonly every: string };
}

export interface JobOrder {
  readonly provider: string;
  /** Length of its voice, which decides how long the emulator works on it, except at Eachlabs. */
  readonly seconds: number;
}

export interface Scenario {
  readonly name: string;
  readonly words: string;
  /** So many times faster than the real providers; windows are not scaled. */
  readonly speed: number;
  readonly lanes: Readonly<Record<string, LaneSetting>>;
  readonly jobs: readonly JobOrder[];
}

const WIDE = { creates: 1_000, perMs: 1_000 };

/** Each takes 10 to 30 seconds of real time. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'limit-bound',
    words: '40 creates in 5 s',
    speed: 300,
    lanes: {
      eachlabs: lane({ creates: 40, perMs: 5_000, concurrent: 100 }, ['EACHLABS_API_KEY'], '700ms', '100ms'),
    },
    jobs: repeat(200, { provider: 'eachlabs', seconds: 2 }),
  },
  {
    name: 'concurrency-bound',
    words: '10 open at once',
    speed: 60,
    lanes: { eachlabs: lane({ ...WIDE, concurrent: 10 }, ['EACHLABS_API_KEY'], '3s', '30ms') },
    jobs: repeat(50, { provider: 'eachlabs', seconds: 2 }),
  },
  {
    name: 'mixed lengths',
    words: 'voices of 1 to 9 s, 8 open at once',
    speed: 20,
    lanes: { wavespeed: lane({ ...WIDE, concurrent: 8 }, ['WAVESPEED_API_KEY'], '500ms', '30ms') },
    jobs: Array.from({ length: 45 }, (_, index) => ({
      provider: 'wavespeed',
      seconds: [3, 1, 9, 2, 6][index % 5] ?? 1,
    })),
  },
  {
    name: 'four providers',
    words: 'each bound by its own limits',
    speed: 60,
    lanes: {
      eachlabs: lane({ creates: 10, perMs: 5_000, concurrent: 8 }, ['EACHLABS_API_KEY'], '3s', '30ms'),
      wavespeed: lane({ ...WIDE, concurrent: 3 }, ['WAVESPEED_API_KEY'], '600ms', '30ms'),
      fal: lane({ creates: 8, perMs: 3_000, concurrent: 10 }, ['FAL_KEY'], '600ms', '30ms'),
      vibedream: lane({ ...WIDE, concurrent: 2 }, ['VIBEDREAM_API_KEY'], '600ms', '30ms'),
    },
    jobs: interleave([
      repeat(32, { provider: 'eachlabs', seconds: 2 }),
      repeat(40, { provider: 'wavespeed', seconds: 4 }),
      repeat(48, { provider: 'fal', seconds: 4 }),
      repeat(24, { provider: 'vibedream', seconds: 4 }),
    ]),
  },
  {
    name: 'three keys',
    words: 'of one provider, each 20 creates in 5 s and 20 open',
    speed: 300,
    lanes: {
      eachlabs: lane({ creates: 20, perMs: 5_000, concurrent: 20 }, ['KEY_A', 'KEY_B', 'KEY_C'], '700ms', '50ms'),
    },
    jobs: repeat(280, { provider: 'eachlabs', seconds: 2 }),
  },
];

function lane(limit: LaneLimit, keys: string[], first: string, every: string): LaneSetting {
  return { limit, keys, poll: { first, every } };
}

function repeat(count: number, job: JobOrder): JobOrder[] {
  return Array.from({ length: count }, () => job);
}

/** Mixes several lists evenly, so that no provider's jobs stand in front of another's. */
function interleave(lists: readonly (readonly JobOrder[])[]): JobOrder[] {
  return lists
    .flatMap((list) => list.map((job, index) => ({ job, at: (index + 0.5) / list.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ job }) => job);
}
