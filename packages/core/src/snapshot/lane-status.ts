import type { LimitSources } from '../limits/lane-limits.js';
import type { LaneWait } from '../limits/lane-wait.js';
import type { LaneLimits, ProviderId } from '../provider/route.js';

/** How full a lane is at one moment, under which limits, and what it waits for. Plain data, no secret in it. */
export interface LaneStatus {
  /** The lane's display name: the key variables, never a key. */
  readonly lane: string;
  readonly provider: ProviderId;
  /** The limits in force. */
  readonly limits: LaneLimits;
  readonly from: LimitSources;
  /** Concurrency that the provider was seen to allow; `null` when nothing lower than the limit was learned. */
  readonly learnedConcurrent: number | null;
  /** Attempts that hold a slot, of all batches. */
  readonly open: number;
  /** Those of them of which nobody knows whether they exist, until somebody settles them or their timeout has passed. */
  readonly doubtful: number;
  /** Creates whose places in the window are taken. */
  readonly inWindow: number;
  /** When the window has a place again, in epoch milliseconds; `null`: it has one now, or only a reply can tell. */
  readonly nextPlaceAtMs: number | null;
  /**
   * When each of the places is free again that are taken by creates with a reply, in epoch milliseconds, the first to be
   * free first. Of the rest of `inWindow` only a reply can tell.
   */
  readonly placesFreeAtMs: readonly number[];
  /** 429 replies so far. */
  readonly rateLimited: number;
  /** Jobs that are not bought yet and would go to this lane's provider. */
  readonly waitingJobs: number;
  readonly wait: LaneWait;
  /** Its variables hold other keys by now: what is open on it is awaited or held, and no job goes to it. */
  readonly former?: true;
  /** Of a former one: open attempts whose jobs are held, so that no run awaits them. */
  readonly held?: number;
}
