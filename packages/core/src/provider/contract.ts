import type { Micros } from '../money/money.js';
import type { SpeakingOrder } from '../money/price.js';
import type { Failure } from './failure.js';
import type { ProviderId, Route } from './route.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A key that can be used but not read by accident: it prints as `[secret]`. */
export interface Secret {
  /** The only way to the value; call it where the header is made and nowhere else. */
  reveal(): string;
}

/** Where and as whom to call a provider. */
export interface Connection {
  /** By the names of {@link ProviderFacts.hosts}; without a trailing slash. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly auth: string;
  readonly key: Secret;
}

/** One finished HTTP exchange, for the log. No secret, no signed query string. */
export interface ExchangeRecord {
  readonly method: string;
  readonly url: string;
  /** `null`: no reply came. */
  readonly status: number | null;
  readonly ms: number;
  /** The server's own id of the exchange, which its support asks for; `null` when the reply names none. */
  readonly requestId: string | null;
  /** What was sent, redacted: JSON as it was, of a file its size and type alone. Empty when nothing was; absent in old records. */
  readonly sent?: string;
  /** First part of the reply's body, redacted. */
  readonly body: string;
}

export interface CallContext {
  readonly connection: Connection;
  /** Aborting a `start` makes its outcome uncertain when bytes had left. */
  readonly signal?: AbortSignal | undefined;
  /** Aborting this before the first byte of a `start` has left makes it `unsent`; later it has no effect. */
  readonly withhold?: AbortSignal | undefined;
  /** How long one HTTP exchange may take. */
  readonly timeoutMs?: number | undefined;
  readonly onExchange?: ((record: ExchangeRecord) => void) | undefined;
}

/** Where the provider fetches the media from. URLs are never altered on the way. */
export interface MediaUrls {
  readonly video: string;
  readonly voices:
    | { readonly kind: 'one'; readonly audio: string }
    | { readonly kind: 'two'; readonly left: string; readonly right: string; readonly order: SpeakingOrder };
  readonly mask: string | null;
}

/** What a route really sends besides the media, in the words of the manifest. `null`: the field is not sent. */
export interface RouteInput {
  readonly prompt: string | null;
  readonly seed: number | null;
  readonly resolution: string | null;
  readonly frames: number | null;
  readonly options: JsonObject;
}

export interface StartRequest {
  readonly route: Route;
  readonly media: MediaUrls;
  readonly input: RouteInput;
}

/**
 * What the reply to a create proves.
 *
 * - `accepted`: the provider's id is known. `reference` is opaque JSON that later calls get back verbatim.
 * - `refused`: an explicit refusal; nothing was bought.
 * - `uncertain`: bytes left and nothing explicit came back.
 * - `unsent`: the connection was never made; nothing left.
 */
export type StartResult =
  | {
      readonly outcome: 'accepted';
      readonly predictionId: string;
      readonly reference: JsonObject;
      /** The price, when the reply states it. */
      readonly costMicros: Micros | null;
    }
  | { readonly outcome: 'refused'; readonly failure: Failure }
  | { readonly outcome: 'uncertain'; readonly failure: Failure }
  | { readonly outcome: 'unsent'; readonly failure: Failure };

export interface OutputFile {
  /** http or https; or `data:` with the whole file in base64, which is as long as that is. */
  readonly url: string;
  readonly contentType?: string | undefined;
  readonly bytes?: number | undefined;
}

/** What a reply names as the result, in its own words, cut and without keys: nobody can fetch it as it is. */
export interface UnreadableOutput {
  readonly unreadable: string;
}

/** One look at a prediction. */
export type StatusResult =
  | {
      readonly state: 'pending';
      readonly phase: 'queued' | 'running' | 'unknown';
      /** A status word that no page lists; polled on, said once. */
      readonly unknownStatus?: string | undefined;
    }
  | {
      readonly state: 'completed';
      readonly output: OutputFile | UnreadableOutput;
      readonly costMicros: Micros | null;
      readonly seed: number | null;
    }
  | {
      /** Failed, moderated, canceled, or completed without an output. */
      readonly state: 'failed';
      readonly failure: Failure;
      /** Canceled or deleted at the provider, so its rule for failed predictions says nothing of the charge. */
      readonly canceled: boolean;
      /** What the provider says was charged; `null`: it does not say, so the route's own rule holds. */
      readonly costMicros: Micros | null;
      /** The provider calls it completed, so its rule for failed predictions says nothing of the charge. */
      readonly calledCompleted?: boolean;
      /** The provider's pages say that a failure of this very kind is not charged, whatever holds for the route's others. */
      readonly uncharged?: boolean;
      /** The reply may be that of a server on the way: it counts once further looks have been told the same. */
      readonly unconfirmed?: boolean;
    }
  /** The provider does not know the id (404). */
  | { readonly state: 'vanished'; readonly failure: Failure }
  /** The question got no usable answer; nothing is known that was not known before. */
  | { readonly state: 'unanswered'; readonly failure: Failure };

/** A create whose reply was lost. */
export interface FindQuery {
  readonly request: StartRequest;
  readonly sentAtMs: number;
  readonly givenUpAtMs: number;
  /** What is read of the list, in epoch milliseconds, to learn what it lacks; by default when it may have been made. */
  readonly around?: { readonly fromMs: number; readonly toMs: number };
  /** Predictions that are known to be others' need not be looked at. */
  readonly isOwned?: (predictionId: string) => boolean;
  /** Somebody names it: what the list says of this very prediction is asked, whatever that is, and of no other. */
  readonly named?: string;
}

/** A prediction in the provider's list that may be the lost one. */
export interface Candidate {
  readonly predictionId: string;
  readonly reference: JsonObject;
  readonly createdAtMs: number | null;
  /**
   * Whether it was made when the lost create can have made it. One that was not may still be it, since clocks differ: it
   * is no proof to adopt by, but neither does a list lack what it shows.
   */
  readonly isTimely: boolean;
  /** `same`: the echoed inputs equal ours. `unknown`: the list echoes none. Different ones are candidates only when named. */
  readonly inputs: 'same' | 'different' | 'unknown';
  readonly status: string;
}

export type FindResult =
  | { readonly state: 'listed'; readonly candidates: readonly Candidate[] }
  | { readonly state: 'unanswered'; readonly failure: Failure };

/**
 * Whether a prediction that somebody names is the one that a request bought.
 *
 * - `known`: the provider has it. `inputs`: whether what it was made of is what we sent; `unknown` where it echoes none.
 */
export type IdentifyResult =
  | { readonly state: 'known'; readonly inputs: 'same' | 'different' | 'unknown' }
  | Extract<StatusResult, { state: 'vanished' | 'unanswered' }>;

export interface CancelResult {
  /** `canceled`: it will not run. `asked`: the provider may or may not stop it. `too-late`: it had ended. */
  readonly outcome: 'canceled' | 'asked' | 'too-late' | 'unknown' | 'unanswered';
  readonly message: string;
  /** `unanswered` for the key's sake: another of the account may be answered. */
  readonly isKeyRefused?: true;
}

/** What a price is asked for: a job whose media the provider can reach, or the route at these settings (`media: null`). */
export interface QuoteQuery {
  readonly route: Route;
  readonly input: RouteInput;
  readonly media: MediaUrls | null;
}

/**
 * What the provider says beforehand.
 *
 * - `job`: the price of that very job. `minimum`: the least that any job costs at these settings. `second`: the price of
 *   a second of output, before the surcharges that the route's formula knows.
 */
export type QuoteResult =
  | { readonly state: 'quoted'; readonly micros: Micros; readonly of: 'job' | 'minimum' | 'second' }
  | { readonly state: 'unanswered'; readonly failure: Failure };

/** A local file for the provider's own storage, streamed. */
export interface UploadFile {
  readonly path: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Told how many of its bytes have been handed to the network; fewer than before when a part is sent again. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export type UploadResult =
  | {
      readonly outcome: 'uploaded';
      readonly url: string;
      /** How long the provider keeps it, from the upload's beginning; `null`: no end is known. */
      readonly keptMs: number | null;
    }
  | { readonly outcome: 'failed'; readonly failure: Failure };

/**
 * A provider: stateless verbs over its API. No verb loops, sleeps or retries (an upload's parts, each sent again when it
 * breaks off, a new address for one that its storage refuses, and a listing's pages are one logical call), none knows the
 * store, and none throws for what a server does: results are data. A thrown error is a bug, and the runner treats one from
 * `start` as uncertain.
 *
 * The optional verbs are absent where the provider has no such thing, so that the runner can tell beforehand.
 */
export interface Provider {
  readonly id: ProviderId;
  /** The paid create: exactly one POST leaves, or none. */
  start(request: StartRequest, context: CallContext): Promise<StartResult>;
  /** One look at a prediction; free. */
  status(route: Route, reference: JsonObject, context: CallContext): Promise<StatusResult>;
  /** The reference for an id that the user or another system names. */
  referenceFor(route: Route, predictionId: string): JsonObject;
  /** What the provider's books say a finished prediction cost; `null`: they don't say (yet). Free. */
  cost?(route: Route, reference: JsonObject, context: CallContext): Promise<Micros | null>;
  /** `route`: the price list has prices of routes alone, so that asking with a job's media would say nothing more. */
  readonly quotesOf?: 'job' | 'route';
  /** What the provider's own price list says. Free. */
  quote?(query: QuoteQuery, context: CallContext): Promise<QuoteResult>;
  /** Whether a prediction was made of this request, where the provider tells what one was made of. Free. */
  identify?(request: StartRequest, reference: JsonObject, context: CallContext): Promise<IdentifyResult>;
  /** Predictions that may be a lost create. Free. */
  find?(query: FindQuery, context: CallContext): Promise<FindResult>;
  cancel?(route: Route, reference: JsonObject, context: CallContext): Promise<CancelResult>;
  upload?(file: UploadFile, context: CallContext): Promise<UploadResult>;
}
