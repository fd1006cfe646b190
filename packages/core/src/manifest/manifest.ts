import type { Micros } from '../money/money.js';
import type { SpeakingOrder } from '../money/price.js';
import type { ProviderId } from '../provider/route.js';
import type { ManifestSource } from './manifest-source.js';
import type { NotifyFields } from './notify-schema.js';

/**
 * The manifest as values: names as in the file, lengths in milliseconds, money in micro-dollars, paths, URLs and
 * language tags as they were written.
 */
export interface ManifestValues extends WithLabels {
  readonly version: 1;
  readonly batch: string;
  readonly extends?: string | undefined;
  readonly languages?: readonly string[] | undefined;
  /** Language tags by the names that stand for them in the place of `{lang}`. */
  readonly language_names?: Readonly<Record<string, string>> | undefined;
  readonly on_missing_track?: 'error' | 'warn' | undefined;
  readonly defaults?: SettingsFields | undefined;
  readonly budget?: BudgetFields | undefined;
  readonly on_uncertain?: 'hold' | 'absent' | 'resubmit' | undefined;
  readonly failover_on_rejection?: boolean | undefined;
  readonly emulate?: boolean | undefined;
  readonly output?: OutputFields | undefined;
  readonly notify?: NotifyFields | undefined;
  readonly providers?: Readonly<Record<ProviderId, ProviderFields>> | undefined;
  readonly staging?: { readonly s3: S3Fields } | undefined;
  readonly videos: readonly VideoFields[];
}

/** A checked manifest that still knows where each value stands. */
export interface Manifest extends ManifestValues {
  readonly source: ManifestSource;
  /**
   * The user's own settings of providers, which win over the manifest's field by field. Unlike a section of the
   * manifest, they say nothing of where jobs go.
   */
  readonly ownSettings?: Readonly<Record<ProviderId, ProviderFields>> | undefined;
}

export interface OutputFields {
  readonly dir?: string | undefined;
  readonly name?: string | undefined;
  readonly s3?: S3Fields | undefined;
  /** Whose sound an output has. */
  readonly audio?: 'track' | 'provider' | undefined;
}

interface WithLabels {
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** What `defaults`, a video and a track may set; the nearest wins. */
export interface SettingsFields {
  readonly provider?: readonly string[] | undefined;
  readonly resolution?: string | undefined;
  readonly prompt?: string | undefined;
  readonly seed?: number | undefined;
  readonly options?: OptionFields | undefined;
  /** A path, with `{lang}` and `{name}`. */
  readonly subtitles?: string | undefined;
  readonly priority?: number | undefined;
}

/** Route-only fields by provider. */
export type OptionFields = Readonly<Record<ProviderId, Readonly<Record<string, string | boolean>>>>;

export interface TrackFields extends SettingsFields, WithLabels {
  readonly audio?: string | undefined;
  readonly left_audio?: string | undefined;
  readonly right_audio?: string | undefined;
  readonly order?: SpeakingOrder | undefined;
  /** Of two voices: the finished length. */
  readonly duration?: number | undefined;
  readonly left_duration?: number | undefined;
  readonly right_duration?: number | undefined;
  readonly mask_image?: string | undefined;
}

/** An entry of `videos`: exactly one of `source`, `from` and `csv` says which kind. */
export interface VideoFields extends SettingsFields, WithLabels {
  readonly id?: string | undefined;
  readonly source?: string | undefined;
  readonly from?: string | undefined;
  readonly csv?: string | undefined;
  readonly duration?: number | undefined;
  readonly mask_image?: string | undefined;
  /** A pattern with `{lang}`, or a track for each language as it was written; that of `{lang}` has patterns too. */
  readonly tracks?: string | Readonly<Record<string, string | TrackFields>> | undefined;
}

/** Amounts that must not be passed: over the batch's life, and over a day and a month of all batches. */
export interface CapFields {
  readonly max_usd?: Micros | undefined;
  readonly per_day_usd?: Micros | undefined;
  readonly per_month_usd?: Micros | undefined;
}

export interface BudgetFields extends CapFields {
  /** Per cent. */
  readonly margin?: number | undefined;
  readonly confirm_above_usd?: Micros | undefined;
  readonly providers?: Readonly<Record<ProviderId, CapFields | undefined>> | undefined;
  /** By tag as it was written. */
  readonly languages?: Readonly<Record<string, CapFields | undefined>> | undefined;
  /** By name, then by value. */
  readonly labels?: Readonly<Record<string, Readonly<Record<string, CapFields | undefined>>>> | undefined;
}

export interface PriceFields {
  /** One rate, or one for each resolution. */
  readonly usd_per_second?: Micros | Readonly<Record<string, Micros>> | undefined;
  readonly minimum_seconds?: number | undefined;
  /** At least this much for a job, whatever its length. */
  readonly usd_per_job?: Micros | undefined;
}

/** One provider's settings. Hosts besides `base_url` stand under the catalogue's names for them. */
export interface ProviderFields {
  readonly keys?: readonly KeyFields[] | undefined;
  readonly base_url?: string | undefined;
  readonly auth?: string | undefined;
  readonly tier?: string | undefined;
  readonly limits?:
    | {
        readonly creates?: number | undefined;
        readonly per?: number | undefined;
        readonly concurrent?: number | undefined;
      }
    | undefined;
  readonly price?: PriceFields | undefined;
  readonly poll?: { readonly first?: number | undefined; readonly every?: number | undefined } | undefined;
  readonly timeout?: number | undefined;
  readonly max_frames?: number | undefined;
  /** Further hosts, such as `upload_url`. */
  readonly [host: `${string}_url`]: string | undefined;
}

/** The name of an environment variable that holds a key, and the account that the key belongs to. */
export interface KeyFields {
  readonly env: string;
  readonly account: string | null;
}

export interface S3Fields {
  readonly bucket: string;
  readonly endpoint: string;
  readonly region: string;
  readonly prefix?: string | undefined;
  /** How long a presigned URL lives, in milliseconds. */
  readonly presign?: number | undefined;
  readonly public_base_url?: string | null | undefined;
}
