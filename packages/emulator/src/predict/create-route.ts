import type { ImageFacts, MediaContainer } from '@localize/media';
import type { Http } from '../http/env.js';
import type { JsonBody } from '../http/read-json.js';
import type { Reply } from '../http/reply.js';
import type { ProviderName, RouteName } from '../provider-name.js';
import type { World } from '../world.js';
import type { Details, Failure, Prediction, Recipe } from './prediction.js';

/** A media input that was posted. */
export interface MediaInput {
  field: string;
  value: string;
  role: 'picture' | 'audio' | 'mask';
}

/** A create whose shape is right: what is to be made of which media. */
export interface Order {
  /** The inputs as they were posted. */
  inputs: Readonly<Record<string, unknown>>;
  /** Audio in the order left, right where there are two. */
  media: readonly MediaInput[];
  arrangement: Recipe['arrangement'];
  details: Details;
  /** It ends unless it is begun by then; a client's own time, whatever the speed. */
  startWithinMs?: number;
}

/** What an order comes to once its audio has been measured. */
export interface Quote {
  priceMicros: number;
  /** Length of the output. */
  outputMs: number;
  /** True where the output's length is the order's, not the audio's. */
  fixedLength: boolean;
  /** Set when the audio is longer than the model takes. */
  failure?: Failure;
  /** Added to the order's details. */
  details?: Details;
}

/** Why a media input can't be used. */
export interface MediaProblem {
  input: MediaInput;
  kind:
    | 'not-a-url'
    | 'data-uri'
    | 'foreign-loopback'
    | 'foreign-http'
    | 'foreign'
    | 'missing'
    /** It is there, and is no media of the kind that is needed. */
    | 'unreadable';
}

/** How one provider words what it says to every create, whatever the model. */
export interface Dialect {
  provider: ProviderName;
  /** The key that a request carries, or null. */
  key(http: Http): string | null;
  /** A refusal with this status: by a fault, for a bad key, at a limit. */
  refuse(status: number, message?: string): Reply;
  /** What the limiter answers. */
  limited(kind: 'window' | 'concurrency'): Reply;
  /** Added to every reply to a request. */
  headers?(http: Http, prediction?: Prediction): Record<string, string>;
}

/** What a page says of its `seed`; `null` stands for a random one. */
export interface SeedRule {
  /** What holds for a create without one. */
  byDefault: number | null;
  /** What a create sends that wants a random one. */
  random: number | null;
}

/** One model of one provider that can be bought. */
export interface CreateRoute {
  dialect: Dialect;
  route: RouteName;
  newId(): string;
  /** Reads and checks a create. */
  order(body: JsonBody, http: Http): { order: Order } | { refused: Reply };
  /** Whether data URIs are taken as media. */
  takesDataUris: boolean;
  /** Kinds of files that are taken, where the page names them. */
  kinds?: {
    picture: readonly MediaContainer[];
    audio: readonly MediaContainer[];
    mask: readonly ImageFacts['format'][];
  };
  /** What becomes of a create whose media can't be used: refused at once, or accepted to fail. */
  judge(problem: MediaProblem): { refused: Reply } | { failure: Failure };
  seed: SeedRule;
  quote(world: World, order: Order, audioMs: readonly number[]): Quote;
  /** Processing time at speed 1 for an output of this length. */
  wallMs(outputMs: number, random: () => number): number;
  /** A last refusal that depends on the queue of the account. */
  turnAway?(http: Http, queued: number): Reply | null;
  accepted(world: World, prediction: Prediction): Reply;
  /** Waits for the prediction's end where the create asked for that; null when it did not. */
  hold?(world: World, prediction: Prediction): Promise<Reply | null>;
}
