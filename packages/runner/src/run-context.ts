import {
  type AssetSource,
  type BudgetCap,
  type BudgetSettings,
  type CallContext,
  type Failure,
  type LocalizeError,
  type Plan,
  type Provider,
  type ProviderId,
  plainText,
  type Route,
  type RouteChoice,
  type RouteId,
} from '@localize/core';
import type { Clock } from './clock.js';
import type { ContentIds } from './content/hash-file.js';
import type { KnownResult } from './content/result-index.js';
import { connectionOf, type Lane, type OpenKey } from './lanes/lane.js';
import type { Polling } from './polling.js';
import type { RunOptions } from './run-options.js';
import type { AcceptedWatch } from './start/follow-prices.js';
import type { OwnStops } from './start/own-stops.js';
import type { BillWatch } from './start/start-bills.js';
import type { Twins } from './start/twins.js';
import type { Places } from './step/place-brake.js';
import type { UploadSlots } from './step/upload-slots.js';
import type { WallWatch } from './store/clock/wall-ahead.js';
import type { Journal } from './store/journal.js';
import type { LaneWaits } from './store/lanes/lane-waits.js';
import type { Purses } from './store/money/purses.js';
import { findRow } from './store/rows.js';
import { jobs } from './store/schema/schema.js';
import type { StoredRequest } from './store/schema/stored-types.js';
import type { AttemptRow, JobRow, Store } from './store/store.js';

/** A job whose media is fetchable: all it waits for is a place in a lane. */
export interface StagedJob {
  readonly jobId: number;
  readonly key: string;
  readonly position: number;
  readonly durationMs: number | null;
  readonly choice: RouteChoice;
  /** What it is made from. */
  readonly sources: readonly AssetSource[];
  readonly request: StoredRequest;
  readonly fingerprint: string;
  /** What it would be made of on the routes before its own, which it has left. */
  readonly preferred: readonly string[];
  readonly stagingAtMs: number;
  readonly stagedAtMs: number;
  /** When the first of its URLs is too old for a create; it is then staged again. */
  readonly freshUntilMs: number;
}

/** Where a provider can fetch a local file, and until when. */
export interface FetchableAsset {
  readonly url: string;
  /** `null`: no end is known. */
  readonly expiresAt: number | null;
}

/** Everything that the steps of one run share. */
export interface RunContext {
  readonly options: RunOptions;
  readonly plan: Plan;
  readonly batchId: number;
  /** `<output.dir>/<batch>` */
  readonly folder: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly wallWatch: WallWatch;
  readonly accepted: AcceptedWatch;
  readonly random: () => number;
  readonly lanes: readonly Lane[];
  /** Tells other batches where jobs of this one wait. */
  readonly laneWaits: LaneWaits;
  /** Lanes whose keys this run has not, and that other keys may ask for. */
  readonly borrowed: Lane[];
  readonly routes: ReadonlyMap<RouteId, Route>;
  readonly contentIds: ContentIds;
  /** By provider, in manifest order; bounded by the loop. */
  readonly staged: Map<ProviderId, StagedJob[]>;
  /** Staged jobs that wait for the result of another that is made of the same. */
  readonly twins: Twins;
  /** Providers that some job's choices name. */
  readonly providersInPlan: ReadonlySet<ProviderId>;
  /** The manifest's caps and this run's own. */
  readonly budget: BudgetSettings;
  readonly spending: {
    /** Why the disks take no further output, for want of room or of its folder; no further create leaves then. */
    noRoom: LocalizeError | null;
    /** What the jobs that are left need beside what the caps leave; `null` without a cap. */
    readonly purses: Purses | null;
    /** Caps of which it was said that nothing fits under them any more. */
    readonly metSaid: Set<BudgetCap>;
    /** Routes of which it was said that they bill more than was estimated. */
    readonly surplusSaid: Set<RouteId>;
    /** When bills that come late are asked for again. */
    readonly bills: BillWatch;
    /** A job that was to be bought or made again is left as it is for want of money. */
    leavesJobs: boolean;
  };
  /** What keeps this batch from lanes that others may use. */
  readonly ownStops: OwnStops;
  /** Batches without a live holder, and this one, whose open attempts that were not selected take slots of these lanes. */
  readonly foreign: { batches: readonly number[]; lookedAt: number };
  readonly uploading: {
    /** Those under way by content and destination, so that concurrent jobs wait for the one upload. */
    readonly underWay: Map<string, Promise<FetchableAsset>>;
    readonly slots: UploadSlots;
    /** Where files go, by names of destinations. */
    readonly places: Places;
    /** Contents and destinations that this run has seen to be there. */
    readonly seen: Set<string>;
  };
  /** Where results are fetched from, by hosts and providers. */
  readonly resultPlaces: Places;
  readonly polling: Polling;
  /**
   * Results under the output folder by fingerprint, from their sidecars, without those that the state has itself and that
   * lie as it left them; read once a run, when first needed. What a lost state had paid for them is counted by then.
   */
  readonly resultsOnDisk: () => Promise<ReadonlyMap<string, KnownResult[]>>;
  /** Why nothing is bought: what was paid for may lie there unread. `null`: nothing may; read once a run, when first needed. */
  readonly whyUnsearched: () => Promise<string | null>;
  readonly finished: {
    /** Ids of jobs that were finished in this run and may not be what the manifest asks for by now. */
    readonly toReview: number[];
    /** Ids of finished jobs whose deliverable may not be what the manifest asks for now. */
    readonly toFinish: number[];
    /** Keys of jobs that were to be made again and were not, since their videos could not be kept among the earlier ones. */
    readonly notRemade: Set<string>;
  };
  readonly delivering: {
    /** Ids of finished jobs whose output may not be at its destination. */
    readonly waiting: number[];
    /** The destination refuses: no other output would fare better in this run. */
    refused: boolean;
  };
  /** Ends uploads, polls and downloads: free work that the next run does again. */
  readonly freeWork: AbortSignal;
  /** Ends creates in flight, which makes them uncertain. */
  readonly paidWork: AbortSignal | undefined;
}

/** Whether the user asked for this job. */
export function isSelected(context: RunContext, key: string): boolean {
  return context.options.only?.(key) ?? true;
}

export function routeOf(context: RunContext, id: RouteId): Route {
  const route = context.routes.get(id);
  if (route === undefined) throw new Error(`the catalogue has no route ${id}`);
  return route;
}

export function providerOf(context: RunContext, id: ProviderId): Provider {
  const provider = context.options.providers.get(id);
  if (provider === undefined) throw new Error(`there is no adapter for ${id}`);
  return provider;
}

export function timeoutOf(context: RunContext, route: Route): number {
  return context.plan.providers[route.provider]?.timeoutMs ?? route.timeoutMs;
}

/** The context of one provider call, with its HTTP exchanges written to history. */
export function callContext(
  context: RunContext,
  lane: Lane,
  about: {
    jobId: number;
    attemptId?: string;
    key: OpenKey;
    signal?: AbortSignal | undefined;
    withhold?: AbortSignal | undefined;
    timeoutMs?: number;
  },
): CallContext {
  return {
    connection: connectionOf(lane, about.key),
    signal: about.signal,
    withhold: about.withhold,
    timeoutMs: about.timeoutMs,
    onExchange: (record) => context.journal.exchange(about, record),
  };
}

/** A local fault as a typed failure. Its words may hold a signed URL, and failures are shown. */
export function failureOf(kind: Failure['kind'], error: unknown): Failure {
  return { kind, message: plainText(error instanceof Error ? error.message : String(error)) };
}

/** Whether no further create leaves in this run; polls and downloads go on. */
export function createsEnded({ spending, options }: RunContext): boolean {
  return spending.noRoom !== null || options.endCreates?.aborted === true;
}

/** Every lane whose predictions this run can ask for. */
export function askableLanes({ lanes, borrowed }: RunContext): readonly Lane[] {
  return borrowed.length > 0 ? [...lanes, ...borrowed] : lanes;
}

/** Whether an attempt is of the batch that this run holds. */
export function isOwn(context: RunContext, attempt: AttemptRow): boolean {
  return context.journal.named(attempt.jobId).batchId === context.batchId;
}

/** The job that an attempt belongs to, as it is now. */
export function jobOf(context: RunContext, attempt: AttemptRow): JobRow {
  const job = findRow(context.store, jobs, 'WHERE id = ?', attempt.jobId);
  if (job === undefined) throw new Error(`attempt ${attempt.id} has no job`);
  return job;
}
