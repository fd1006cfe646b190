import type { FailureKind, JsonObject, Micros, Provider, StartRequest, StatusResult } from '@localize/core';
import type { Canned } from '../scripted-server.js';

/** Replies by `METHOD /path`, without the query. Anything else gets a 404. */
export type Replies = Readonly<Record<string, Canned>>;

/** One prediction in one state, in the provider's own words. */
export interface PollScene {
  readonly replies: Replies;
  /** What `status` must say of it, at least. */
  readonly expected: Partial<StatusResult>;
}

/** What a provider supplies to be examined: its own wire, nothing of how its adapter works. */
export interface ConformanceSubject {
  readonly name: string;
  readonly provider: Provider;
  readonly auth: string;
  readonly key: string;
  /** Hosts of a connection, all of them on the test's server. */
  hosts(base: string): Record<string, string>;
  readonly request: StartRequest;
  /** Requests that the route cannot express. */
  readonly inexpressible: readonly StartRequest[];
  readonly create: {
    readonly path: string;
    readonly body: JsonObject;
    readonly headers: Readonly<Record<string, string>>;
    readonly accepted: { readonly reply: Canned; readonly id: string; readonly costMicros: Micros | null };
    /** A body that this provider sends with a refusal, and words of it that the failure must repeat. */
    readonly refusal: { readonly body: unknown; readonly words: string };
    /** Refusals whose kind the body decides. */
    readonly refusals: readonly { readonly title: string; readonly reply: Canned; readonly kind: FailureKind }[];
    /** Successes that prove nothing. */
    readonly unproven: readonly { readonly title: string; readonly reply: Canned }[];
  };
  /** Where the first call of a poll goes for the id of `create.accepted`. */
  readonly pollPath: string;
  readonly polls: {
    readonly running: PollScene;
    readonly completed: PollScene;
    readonly failed: PollScene;
    readonly moderated: PollScene;
    readonly completedEmpty: PollScene;
    /** Finished, and what it names as its output is no address. */
    readonly completedUnreadably: PollScene;
    readonly unknownStatus: PollScene;
    /** Finished, and named as another one. */
    readonly ofAnother: PollScene;
  } & Readonly<Record<string, PollScene>>;
  /** Keys of cases that are known not to hold. */
  readonly knownGaps: readonly string[];
}
