import { z } from 'zod';
import { type Fault, faultsSchema } from './faults/fault.js';
import { PROVIDER_NAMES, type ProviderName } from './provider-name.js';

/** What one provider lets one account do. `null` means no limit of that kind. */
export interface ProviderLimits {
  /** Creates admitted in any `perMs` milliseconds, judged by arrival time. */
  creates: number | null;
  perMs: number;
  /** Predictions open (`refuse`) or running (`queue`) at once. */
  concurrent: number | null;
  /** What becomes of a create beyond `concurrent`: answered 429, or accepted and kept waiting. */
  overflow: 'refuse' | 'queue';
  /** Whether a create that the window itself refused takes a place in the window too. */
  countRefused: boolean;
  /** Whether the limiter's 429 carries `Retry-After` (no page promises one). */
  retryAfter: boolean;
}

const limitsSchema = z
  .strictObject({
    creates: z.int().positive().nullable(),
    perMs: z.number().positive(),
    concurrent: z.int().positive().nullable(),
    overflow: z.enum(['refuse', 'queue']),
    countRefused: z.boolean(),
    retryAfter: z.boolean(),
  })
  .partial();

/**
 * eachlabs: [page eachlabs] "100 creates / min, 10 concurrent per key". wavespeed: Bronze tier, 5 videos a minute and 3 at once,
 * a task above the cap waits [doc account-levels]. fal: queued, never refused for concurrency [doc concurrency-limits];
 * 10 running is assumed. vibedream: nothing is published; 10 a minute and 2 open are assumed.
 */
export const DEFAULT_LIMITS: Readonly<Record<ProviderName, ProviderLimits>> = {
  vibedream: limits(10, 60_000, 2, 'refuse'),
  eachlabs: limits(100, 60_000, 10, 'refuse'),
  wavespeed: limits(5, 60_000, 3, 'queue'),
  fal: limits(null, 1_000, 10, 'queue'),
};

function limits(
  creates: number | null,
  perMs: number,
  concurrent: number,
  overflow: ProviderLimits['overflow'],
): ProviderLimits {
  return { creates, perMs, concurrent, overflow, countRefused: false, retryAfter: false };
}

const perProvider = <T extends z.ZodType>(value: T) => z.partialRecord(z.enum(PROVIDER_NAMES), value);

/** The part of the options that is plain JSON, and so can come from a command line too. */
export const emulatorSettingsSchema = z.strictObject({
  host: z.string().min(1).optional(),
  port: z.int().min(0).max(65_535).optional(),
  speed: z.number().positive().optional(),
  seed: z.int().optional(),
  limits: perProvider(limitsSchema).optional(),
  faults: faultsSchema.optional(),
  accounts: perProvider(z.record(z.string().min(1), z.string().min(1))).optional(),
  chargeFailed: perProvider(z.boolean()).optional(),
  wavespeedEchoesInputs: z.boolean().optional(),
  wavespeedMinimumSeconds: z.int().positive().optional(),
});

/** How to start an emulator. Everything but `dir` has a default. */
export interface EmulatorOptions {
  /** Folder that holds the state database, the bucket, uploads and outputs. Made when missing. */
  dir: string;
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** 1 is about each page's wall time; 60 is sixty times faster. Limits are not scaled. Default 1. */
  speed?: number;
  /** Seed of everything drawn at random: processing times, and faults with a probability. Default 1. */
  seed?: number;
  /** Merged field by field over {@link DEFAULT_LIMITS}. */
  limits?: Partial<Record<ProviderName, Partial<{ [K in keyof ProviderLimits]: ProviderLimits[K] | undefined }>>>;
  faults?: readonly Fault[];
  /** Accepted keys of a provider and the account that each belongs to. A provider not listed accepts any key. */
  accounts?: Partial<Record<ProviderName, Record<string, string>>>;
  /** Whether a failed prediction is charged. Default: none is. */
  chargeFailed?: Partial<Record<ProviderName, boolean>>;
  /** Whether WaveSpeed's list carries the inputs; its documents leave that open. Default true. */
  wavespeedEchoesInputs?: boolean;
  /** Shortest billed length at WaveSpeed: 5 s [page wavespeed], 3 s on its newer page. Default 5. */
  wavespeedMinimumSeconds?: number;
  /** Milliseconds since 1970; for tests. Default `Date.now`. */
  now?: () => number;
}

export interface ResolvedOptions {
  dir: string;
  host: string;
  port: number;
  speed: number;
  seed: number;
  limits: Readonly<Record<ProviderName, ProviderLimits>>;
  accounts: Partial<Record<ProviderName, Record<string, string>>>;
  chargeFailed: Partial<Record<ProviderName, boolean>>;
  wavespeedEchoesInputs: boolean;
  wavespeedMinimumSeconds: number;
}

/** Checks the options and fills in the defaults. Throws a ZodError that names what is wrong. */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  const { dir, now: _now, ...settings } = options;
  const given = emulatorSettingsSchema.parse(settings);
  return {
    dir,
    host: given.host ?? '127.0.0.1',
    port: given.port ?? 0,
    speed: given.speed ?? 1,
    seed: given.seed ?? 1,
    limits: {
      vibedream: mergeLimits('vibedream', given.limits?.vibedream),
      eachlabs: mergeLimits('eachlabs', given.limits?.eachlabs),
      wavespeed: mergeLimits('wavespeed', given.limits?.wavespeed),
      fal: mergeLimits('fal', given.limits?.fal),
    },
    accounts: given.accounts ?? {},
    chargeFailed: given.chargeFailed ?? {},
    wavespeedEchoesInputs: given.wavespeedEchoesInputs ?? true,
    wavespeedMinimumSeconds: given.wavespeedMinimumSeconds ?? 5,
  };
}

function mergeLimits(provider: ProviderName, given: z.infer<typeof limitsSchema> | undefined): ProviderLimits {
  const defined = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS[provider], ...Object.fromEntries(defined) };
}
