import type { CreateLimit } from '../limits/window.js';
import type { PriceFormula, Source } from '../money/price.js';

export type ProviderId = string;
/** `<provider>/<model>`, for instance `wavespeed/infinitetalk`. */
export type RouteId = string;

/** A route-only field that the manifest may set under `options.<provider>`. */
export type OptionSpec =
  | {
      readonly kind: 'enum';
      readonly values: readonly string[];
      readonly default: string;
      readonly description: string;
    }
  | { readonly kind: 'boolean'; readonly default: boolean; readonly description: string };

/** Output length is bought in frames rather than following the track. */
export interface FrameRule {
  readonly framesPerSecond: number;
  readonly minimum: number;
  /** Used unless the provider's setting `max_frames` says otherwise. */
  readonly maximum: number;
  /** The most that the setting may say. */
  readonly hardMaximum: number;
}

/** One model of one provider: what it takes, what it costs, how long it takes. Pure data. */
export interface Route {
  readonly id: RouteId;
  readonly provider: ProviderId;
  readonly title: string;
  readonly voices: 1 | 2;
  /** `null`: the route has no such field, whatever it renders. */
  readonly resolutions: readonly string[] | null;
  /** What is sent when the manifest says nothing. */
  readonly defaultResolution: string | null;
  readonly prompt: 'required' | 'optional';
  readonly mask: boolean;
  readonly seed: { readonly minimum: number; readonly maximum: number } | null;
  readonly frames: FrameRule | null;
  /** The longest output, in seconds; `null` when no page states one. */
  readonly maximumSeconds: number | null;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Containers that the route takes, in `MediaFacts.container` words; `null` when no page lists them. */
  readonly accepts: {
    readonly audio: readonly string[] | null;
    readonly video: readonly string[] | null;
    readonly image: readonly string[] | null;
  };
  readonly price: PriceFormula;
  /** Whether a prediction that failed at the provider is charged: decides if a new attempt may be automatic (§4). */
  readonly failedPrediction: {
    readonly charged: 'no' | 'refunded' | 'unknown';
    /** The failures that a page calls free although others may be charged, in words: "a 5xx"; the adapter tells which. */
    readonly exceptFor?: string | undefined;
    readonly source: Source;
  };
  /** The usual time from acceptance to completion, for the first poll and for forecasts. */
  readonly usual: { readonly fixedSeconds: number; readonly secondsPerSecond: number; readonly source: Source };
  /** `leastMs`: looks at one prediction are not to be closer than this, where the page says so. */
  readonly poll: { readonly everyMs: number; readonly leastMs?: number; readonly source: Source };
  /** An attempt that is open for longer is held. */
  readonly timeoutMs: number;
  /** Further facts that `routes` and `plan` show, such as an assumption. */
  readonly notes: readonly string[];
}

export interface LaneLimits extends CreateLimit {
  /** Attempts that may be open at once. */
  readonly concurrent: number;
}

/** What is known of a provider, whichever of its routes is used. Pure data. */
export interface ProviderFacts {
  readonly id: ProviderId;
  readonly title: string;
  /** Named hosts: `base_url` always; fal also has `upload_url` and `platform_url`. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Host names, or suffixes that start with a dot, that a key may go to. */
  readonly ownHosts: readonly string[];
  readonly keyVariable: string;
  /** `shared`: all keys are one account by default; `separate`: each key is its own. */
  readonly keysAre: 'shared' | 'separate';
  /** Ways to send the key; the first is the default. */
  readonly auth: readonly string[];
  readonly limits: LaneLimits & { readonly source: Source };
  /** Named tiers that replace the limits. */
  readonly tiers: Readonly<Record<string, LaneLimits>>;
  /** How long a fresh prediction may be missing from the listing; `null` where there is no listing. */
  readonly listingLagMs: number | null;
  /** Largest file that the provider's own upload takes; `null` where there is no upload. */
  readonly upload: { readonly maximumBytes: number | null; readonly keptMs: number | null } | null;
}

/** Everything that the manifest, the plan and `routes` need to know of the providers. */
export interface Catalogue {
  readonly providers: readonly ProviderFacts[];
  readonly routes: readonly Route[];
}
