import type {
  BackoffPolicy,
  Catalogue,
  ExitCode,
  Micros,
  MoneyWait,
  Plan,
  Provider,
  ProviderId,
  Secret,
} from '@localize/core';
import type { Clock } from './clock.js';
import type { EndReason, RunEvent } from './run-events.js';
import type { Store } from './store/store.js';

/** A key as it was found: which provider it opens, under which name, in which account. */
export interface LaneKey {
  readonly provider: ProviderId;
  /** Name of the environment variable, for display. */
  readonly variable: string;
  /** Keys of one account share a lane; `null`: this key is an account of its own. */
  readonly account: string | null;
  readonly key: Secret;
}

/** A local file on its way to where providers can fetch it. */
export interface StagedFile {
  readonly path: string;
  /** `sha256:<hex>` of the contents that are meant. */
  readonly contentId: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Told how many of its bytes have gone so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Makes a local file fetchable where the provider has no upload of its own, or where a bucket is set. */
export interface Staging {
  /** Names the destination, so that an upload is remembered for it. */
  readonly destination: string;
  /** Called once a run for each content that is needed, also when it was staged before: it may be gone since. */
  stage(
    file: StagedFile,
    signal: AbortSignal,
  ): Promise<{
    url: string;
    /** How long the URL works, from the call on; `null`: no end is known. */
    keptMs: number | null;
    /** It was there already, so that nothing was uploaded. */
    reused?: boolean;
    /** What the user should know of the destination. */
    warning?: string;
  }>;
}

/** A file as it was delivered. */
export interface DeliveredFile {
  /** Below the destination. */
  readonly name: string;
  /** `null`: of any size. */
  readonly bytes: number | null;
}

/** Takes finished outputs to where the customer wants them besides the disk. */
export interface Delivery {
  /** Names the place, so that what was delivered is remembered for it. */
  readonly destination: string;
  /** @param file `name` is the object's, below the destination */
  deliver(file: StagedFile, signal: AbortSignal): Promise<void>;
  /** Which of these files are not there, or not whole; `null` where nobody may look. All of them are below one folder. */
  missing(
    about: { folder: string; files: readonly DeliveredFile[] },
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | null>;
}

export interface RunOptions {
  readonly plan: Plan;
  /** Absolute. One batch name from two manifests is an error unless `sameBatch`. */
  readonly manifestPath: string;
  readonly sameBatch?: boolean;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly providers: ReadonlyMap<ProviderId, Provider>;
  readonly keys: readonly LaneKey[];
  /**
   * Under which host a lane is remembered; by default the host of `base_url`. The emulator's port changes from run to
   * run while its limits go on.
   */
  readonly laneHost?: (provider: ProviderId) => string;
  /** Used for local files instead of the provider's own upload. */
  readonly staging?: Staging | null;
  /** Cap of what this run newly spends; `null`: none. */
  readonly maxMicros?: Micros | null;
  /** What this run may newly spend by what its user was asked or need not be asked; `null`: any amount. */
  readonly agreedMicros?: Micros | null;
  /** Where outputs are delivered to besides the disk. */
  readonly delivery?: Delivery | null;
  /** Buys re-makes of finished jobs whose fingerprint changed. */
  readonly remake?: boolean | ((key: string) => boolean);
  /**
   * What was to be bought or made again too, by key, and is left for want of room under the budget: it stays as it is, and
   * the run ends short. What has no video yet is not among `only`.
   */
  readonly left?: ReadonlyMap<string, MoneyWait>;
  /**
   * What was foreseen of jobs that are made of the very same: by the key of each that takes the result of another one the
   * key of that one. Under a cap it is not bought before that one has ended, and what an earlier run bought serves it on whichever
   * of its routes that was made.
   */
  readonly served?: ReadonlyMap<string, string>;
  /** Re-makes take in outputs that a reviewer approved. */
  readonly includeApproved?: boolean;
  /** Only these job keys; everything by default. */
  readonly only?: (key: string) => boolean;
  /** Ends creates and lets the replies in flight arrive. */
  readonly stop?: AbortSignal;
  /** Ends creates, while polls and downloads go on until all that is out there is settled. */
  readonly endCreates?: AbortSignal;
  /** Ends everything at once; creates in flight become uncertain. */
  readonly abort?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  /** Told when the state has the plan. */
  readonly onRegistered?: () => void;
  /** By default one monotonic time for all processes of this boot. */
  readonly clock?: Clock;
  /** Free bytes on a folder's disk; asked of the system by default. */
  readonly freeBytes?: (folder: string) => number;
  /** How long a lane rests after two lost replies in a row, and uploads and downloads after two that failed; 30 s to 10 min by default. */
  readonly outageBackoff?: BackoffPolicy;
  /** Numbers in [0, 1) for jitter. */
  readonly random?: () => number;
  /** This program's version, for the run's record. */
  readonly version: string;
  readonly host: string;
}

export interface RunOutcome {
  readonly runId: string;
  readonly why: EndReason;
  readonly exit: ExitCode;
}
