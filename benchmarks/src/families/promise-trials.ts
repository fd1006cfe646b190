import type { EmulatedLimits } from '../scenery/emulator-process.js';

/** A batch that something goes wrong in, and who makes it. */
export interface Trial {
  readonly words: string;
  readonly provider: 'fal' | 'wavespeed' | 'eachlabs';
  /** Variable of its key for localize. */
  readonly variable: string;
  /** More of its entry in localize's manifest. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly jobs: number;
  readonly limit: EmulatedLimits;
  /** As `--faults` of the emulator takes them. */
  readonly faults: readonly object[];
  /** `localize`, or the name of a rival's program. */
  readonly clients: readonly string[];
}

const ONE_REPLY_IN_TEN_LOST = [{ kind: 'create-then-drop', probability: 0.1 }];
const TEN_AT_ONCE: EmulatedLimits = { creates: null, concurrent: 10 };

export const TRIALS: readonly Trial[] = [
  {
    words: 'fal; of ten replies to creates one is lost',
    provider: 'fal',
    variable: 'FAL_KEY',
    settings: { max_frames: 241 },
    jobs: 100,
    limit: TEN_AT_ONCE,
    faults: ONE_REPLY_IN_TEN_LOST,
    clients: ['localize', 'fal-client'],
  },
  {
    words: 'WaveSpeed; of ten replies to creates one is lost',
    provider: 'wavespeed',
    variable: 'WAVESPEED_API_KEY',
    settings: {},
    jobs: 100,
    limit: TEN_AT_ONCE,
    faults: ONE_REPLY_IN_TEN_LOST,
    clients: ['localize', 'wavespeed-client'],
  },
  {
    words: 'Eachlabs; 20 creates in any 2 s, those above are refused',
    provider: 'eachlabs',
    variable: 'EACHLABS_API_KEY',
    settings: {},
    jobs: 200,
    limit: { creates: 20, perMs: 2_000, concurrent: 40 },
    faults: [],
    clients: ['localize', 'p-queue', 'bullmq'],
  },
];
