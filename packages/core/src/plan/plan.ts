import type { LimitSources } from '../limits/lane-limits.js';
import type { PollSettings } from '../limits/poll-schedule.js';
import type { BudgetCap } from '../money/budget.js';
import type { Micros } from '../money/money.js';
import type { Estimate, PriceFormula, SpeakingOrder } from '../money/price.js';
import type { RouteInput } from '../provider/contract.js';
import type { LaneLimits, ProviderId, RouteId } from '../provider/route.js';
import type { FrameSize } from '../snapshot/snapshot.js';
import type { JobFacts } from './job-facts.js';

/** What tells a file from another state of it without reading it: when all is the same, so is the file. */
export interface FileStamp {
  readonly bytes: number;
  /** When its content and anything about it changed, as exactly as the file system tells it. To be compared only. */
  readonly times: string;
}

/** A source video, audio or mask, before anyone made it fetchable. Paths are absolute. */
export type AssetSource =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** What the file was when the plan looked at it; absent where nobody looked. */
      readonly seen?: FileStamp | undefined;
    }
  | { readonly kind: 'url'; readonly url: string };

export type Voices =
  | { readonly kind: 'one'; readonly audio: AssetSource }
  | { readonly kind: 'two'; readonly left: AssetSource; readonly right: AssetSource; readonly order: SpeakingOrder };

/** One way to make a job: a route with what it would send and what that would cost. */
export interface RouteChoice {
  readonly route: RouteId;
  readonly provider: ProviderId;
  readonly input: RouteInput;
  readonly estimate: Estimate;
  /**
   * What it will be billed, where the track is longer or shorter than stated: the estimate trusts the manifest, the provider its own
   * measure. Absent where the two come to the same.
   */
  readonly measured?: Estimate;
  /** `cheapest` stands for it beside others: among these the order is that of what they are expected to cost. */
  readonly byPrice?: true;
}

/** What a bill is expected to be: budget and ledger go by it. */
export function billOf({ estimate, measured }: RouteChoice): Estimate {
  return measured ?? estimate;
}

/** What is made of a provider's video, at no cost; not part of what identifies what was bought. */
export interface Finish {
  /** Whose sound the output has. */
  readonly audio: 'provider' | 'track';
  readonly title: string;
  /** Canonical tag. */
  readonly language: string;
  readonly subtitles: AssetSource | null;
}

/** A route that cannot make a job. */
export interface Ineligible {
  readonly route: RouteId;
  readonly reason: string;
  /** What would let it, in words that follow "what would be right". */
  readonly mends?: readonly string[] | undefined;
}

export interface PlannedJob {
  /** `<video id>/<canonical language tag>` */
  readonly key: string;
  readonly videoId: string;
  /** Canonical tag: the identity. */
  readonly language: string;
  /** As the user wrote it: names the file. */
  readonly languageSpelling: string;
  /** Place in the manifest, from 0. */
  readonly position: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly video: AssetSource;
  readonly voices: Voices;
  readonly mask: AssetSource | null;
  /** Length that the output should have; `null` when it could not be known. */
  readonly durationMs: number | null;
  /** The same by what a look at the files has shown; absent where that is no other, or nobody looked. */
  readonly heardMs?: number;
  /** Its length is the manifest's word for what is behind a URL, at which nobody has looked; else absent. */
  readonly isLengthStated?: true;
  /** The source's picture; absent where nobody looked at it. */
  readonly sourceSize?: FrameSize;
  /** What the manifest says of provider and seed, as text: a redo holds until that changes. */
  readonly preference?: string;
  /** A reviewer asked for another video than the manifest's own settings make. */
  readonly redo?: { readonly route: RouteId | null; readonly seed: number | null };
  /** Eligible routes, best first; never empty in a plan without problems. */
  readonly choices: readonly RouteChoice[];
  readonly ineligible: readonly Ineligible[];
  /** Routes beyond its own preference that could make it too, of providers that the batch uses: for a redo. Absent without any. */
  readonly otherRoutes?: readonly RouteId[];
  /** Absent: the provider's video is the output as it comes. */
  readonly finish?: Finish | undefined;
  /** Output file relative to `<output.dir>/<batch>/`, with `/`. */
  readonly output: string;
}

/**
 * The jobs of a plan in their order, as often as they are asked for. An array, or rows of the state that are read one
 * at a time: whoever goes through them keeps no more of them than it needs.
 */
export interface PlannedJobs extends Iterable<PlannedJob> {
  readonly length: number;
  /** What is known of all of them without a look at each; {@link jobFacts} finds it out where it is absent. */
  readonly facts?: JobFacts | undefined;
}

/** One provider's settings, defaults filled in. */
export interface ProviderSettings {
  readonly id: ProviderId;
  readonly keys: readonly { readonly variable: string; readonly account: string | null }[];
  readonly hosts: Readonly<Record<string, string>>;
  readonly auth: string;
  readonly limits: LaneLimits;
  readonly limitsFrom: LimitSources;
  readonly poll: PollSettings;
  readonly timeoutMs: number | null;
}

/** A bucket through which local files reach the providers, defaults filled in. */
export interface BucketSettings {
  readonly bucket: string;
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly region: string;
  /** Put before the name of every object as it is. */
  readonly prefix: string;
  readonly presignMs: number;
  /** How long at least the URLs of an attempt must work, from their signing on; absent where nothing is known to need any. */
  readonly neededMs?: number;
  /** Where objects can be read without a signature; `null` when they cannot. */
  readonly publicBaseUrl: string | null;
}

export interface BudgetSettings {
  readonly caps: readonly BudgetCap[];
  /** Added to every estimate, in per cent. */
  readonly marginPercent: number;
  /** A run that would newly spend more than this asks first. */
  readonly confirmAboveMicros: Micros;
}

/** The finished plan of a batch: what the runner carries out. Plain data. */
export interface Plan {
  readonly batch: string;
  readonly emulate: boolean;
  readonly jobs: PlannedJobs;
  readonly providers: Readonly<Record<ProviderId, ProviderSettings>>;
  /** Absolute. */
  readonly outputDir: string;
  readonly onUncertain: 'hold' | 'absent' | 'resubmit';
  readonly failoverOnRejection: boolean;
  readonly budget: BudgetSettings;
  /** The price of every route: the catalogue's, or what the manifest says that the account pays. */
  readonly prices: Readonly<Record<RouteId, PriceFormula>>;
  /** `null`: local files go through the providers' own uploads. */
  readonly staging: BucketSettings | null;
  /** Where outputs go besides the disk; `null`: nowhere. */
  readonly delivery?: BucketSettings | null | undefined;
  /** Why what reviewers asked for cannot be done, by job key; such a job stays as the manifest makes it. */
  readonly refusedRedos?: Readonly<Record<string, string>>;
  /** Things worth saying that stop nothing, such as a default that a route cannot express; each said once. */
  readonly warnings: readonly string[];
}

/** A plan with all of its jobs in memory. */
export interface WholePlan extends Plan {
  readonly jobs: readonly PlannedJob[];
}
