import type { HoldReason } from '../lifecycle/hold-reasons.js';
import type { AttemptState, JobState } from '../lifecycle/transitions.js';
import type { PauseCause } from '../limits/lane-admission.js';
import type { Micros } from '../money/money.js';
import type { Failure } from '../provider/failure.js';
import type { ProviderId, RouteId } from '../provider/route.js';
import type { CapSnapshot, MoneyWait } from './budget.js';
import type { MarkSnapshot, ReviewState } from './marks.js';

/** Version of the snapshot's shape; raised when a field changes its meaning. */
export const SNAPSHOT_VERSION = 1;

/**
 * Where an attempt's billed amount comes from: the provider's word on this very attempt; what its pages say that such an
 * attempt costs (the price formula; nothing, for a failure that they call free); or nowhere.
 */
export type CostSource = 'provider' | 'price' | 'none';

/** Size of a picture in pixels, as displayed. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** What was measured in an output when it was verified. */
export interface MeasuredVideo extends FrameSize {
  /** Frames a second; `null` where it could not be told. */
  readonly frameRate: number | null;
  readonly hasAudio: boolean;
  /** End of its sound; `null` where it has none, or its length is not known. */
  readonly audioDurationMs: number | null;
}

export interface AttemptSnapshot {
  readonly id: string;
  /**
   * This state did not make it and knows it from its result's sidecar: of its life only the end is known, and not the
   * lane. Absent of others.
   */
  readonly adopted?: true;
  /** The run that made it; `null` where an older version made it. */
  readonly runId?: string | null;
  readonly route: RouteId;
  readonly provider: ProviderId;
  /** The lane's display name: the key variable, never the key. */
  readonly lane: string;
  readonly state: AttemptState;
  readonly predictionId: string | null;
  /** As it was when it was bought, or what its sidecar says of that. */
  readonly estimateMicros: Micros | null;
  /** What was learned of its price since, from other bills or an edit of the manifest; absent or `null`: nothing. */
  readonly expectedMicros?: Micros | null;
  /** The price that the provider stated when it accepted; not billed before it has delivered. */
  readonly quotedMicros?: Micros | null;
  /** What it really cost; `null` while unknown. */
  readonly billedMicros: Micros | null;
  readonly costSource: CostSource;
  readonly failure: Failure | null;
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  readonly sentAtMs: number | null;
  readonly acceptedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** When its route’s timeout takes its slot from it; absent where its end has freed that before. */
  readonly slotUntilMs?: number;
  readonly phases?: AttemptPhases;
  /**
   * Runs that brought its result to the disk, several where its file was gone by then; absent where none did, or of an older
   * version.
   */
  readonly fetchedBy?: readonly string[];
}

/** More of an attempt's times, in epoch milliseconds; each `null` where it was not seen. */
export interface AttemptPhases {
  /** Its media began to be made fetchable. */
  readonly stagingAtMs: number | null;
  /** All its media was fetchable: from then on it waited for a place in its lane. */
  readonly stagedAtMs: number | null;
  /** A poll first said that the provider works on it. */
  readonly runningAtMs: number | null;
  readonly downloadAtMs: number | null;
  /** Its result was on disk, verified. */
  readonly downloadedAtMs: number | null;
}

/** A result that was there before the job: nothing was bought for it. */
export interface TakenFrom {
  /** The job that it was bought for; `null` where the state does not know it, as of a video that lay on the disk. */
  readonly job: { readonly batch: string; readonly key: string } | null;
  /** The route that made it; `null` where it is not known. */
  readonly route: RouteId | null;
  /** When it was taken over, and by which run; `null` where it is not known. */
  readonly atMs: number | null;
  readonly runId: string | null;
}

/** A redo that reviewers asked for. */
export interface RedoSnapshot {
  readonly route: RouteId | null;
  readonly seed: number | null;
  /** The output that they want made again is still the present one. */
  readonly waits: boolean;
  /** The manifest was edited since and is the newer word, so that it is not made so; absent where it holds. */
  readonly overtaken?: true;
  /** While it waits: what it is expected to cost; `null` where nobody knows, absent where no plan was looked at. */
  readonly estimateMicros?: Micros | null;
  /** While it waits: why no route can make it as asked; absent where one can. */
  readonly refused?: string;
}

/** The finished video of a job for which another was bought that is not there: it lies on disk until it is. */
export interface EarlierVideo {
  /** As the job's output is. */
  readonly output: string;
  readonly sha256: string;
  readonly durationMs: number;
  /** What its reviewers come to; `null` where nobody said anything. */
  readonly review: ReviewState | null;
}

/** A finished job that the manifest asks for differently by now: a run leaves it until it is told to make it again. */
export interface ChangedSnapshot {
  /** In the manifest's words. */
  readonly fields: readonly string[];
  /** What making it again is expected to cost; `null` where nobody knows. */
  readonly estimateMicros: Micros | null;
  /** The route that would make it; absent where it is not known. */
  readonly route?: RouteId;
}

export interface JobSnapshot {
  readonly key: string;
  readonly videoId: string;
  readonly language: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: JobState;
  /** Not in the manifest any more. */
  readonly orphaned: boolean;
  /** The route that made its video, else that of the last attempt, else the first that the plan would take. */
  readonly route: RouteId | null;
  readonly estimateMicros: Micros | null;
  /** All routes that its settings allow, with what it would cost there; absent where there is but one. */
  readonly alternatives?: readonly { readonly route: RouteId; readonly estimateMicros: Micros | null }[];
  /** More routes that could make another video of it, of providers that the batch uses; absent where there are none. */
  readonly otherRoutes?: readonly RouteId[];
  /** Somebody put another file in the place of its finished video: what is told of that one is not of this. */
  readonly replaced?: true;
  /** Its finished video is not on disk, and nothing else lies in its place: the next run fetches it again. */
  readonly missing?: true;
  /** Its video: relative to the working directory of the command, or absolute; `null` while there is none. */
  readonly output: string | null;
  readonly outputSha256: string | null;
  readonly outputBytes: number | null;
  readonly outputDurationMs: number | null;
  readonly trackDurationMs: number | null;
  /** `null` while there is no output, or where an older version verified it. */
  readonly measured?: MeasuredVideo | null;
  /** The source's picture; `null` where nobody looked at it. */
  readonly sourceSize?: FrameSize | null;
  /** For a person to watch beside the output; a path or an https URL without its signature. */
  readonly source: string;
  readonly holdReason: HoldReason | null;
  /** It is held, and its provider lists no predictions, so that no run can look a create up there. */
  readonly unlisted?: true;
  /** Why it failed or is held, or would be by the next run, in plain words. */
  readonly reason: string | null;
  /** The command that mends it. */
  readonly mend: string | null;
  /** What keeps it from being bought, where a cap of the budget does. */
  readonly waitsForMoney?: MoneyWait;
  /**
   * It is not bought before an amount is known that nobody knows, as `reason` says: what it would cost, or what the budget
   * has left. `person`: somebody has to say it; `reply`: a provider is about to. Absent of others.
   */
  readonly waitsForAmount?: 'person' | 'reply';
  /** What reviewers said of this very video, which is finished; absent where nobody has. */
  readonly marks?: readonly MarkSnapshot[];
  /** What they said of videos that this job had before, or cannot finish with; absent where nobody did. */
  readonly earlierMarks?: readonly MarkSnapshot[];
  /** What a redo changes in the making of this job; absent without one. */
  readonly redo?: RedoSnapshot;
  /** Absent where it is as the manifest asks, or is not finished. */
  readonly changed?: ChangedSnapshot;
  /**
   * It is finished and to be made again: how that stands, before anything was bought for it. Its video stays until then, and
   * `reason` and `mend` are of the making. Absent of all others.
   */
  readonly remaking?: { readonly state: JobState; readonly holdReason: HoldReason | null };
  /**
   * It is being made again, or that failed, is held or was canceled after it was begun: the video that it had. Absent of all
   * others, and where that is not on disk.
   */
  readonly earlierVideo?: EarlierVideo;
  /** In place of it: that one is not on disk, or another file lies in its place, as `reason` says. */
  readonly earlierOffDisk?: 'missing' | 'replaced';
  /** Absent where it has no video, or its own. */
  readonly takenFrom?: TakenFrom;
  /** When a run last took its own result back from another job that had it as well, and which run; absent where none did. */
  readonly takenBack?: Pick<TakenFrom, 'atMs' | 'runId'>;
  readonly attempts: readonly AttemptSnapshot[];
}

export interface LaneSnapshot {
  readonly lane: string;
  readonly provider: ProviderId;
  readonly creates: number;
  readonly perMs: number;
  readonly concurrent: number;
  /** Attempts that hold a slot, of all batches, as `limits` counts them. */
  readonly open: number;
  /** 429 replies that this lane has had, to creates of all batches. */
  readonly rateLimited: number;
  readonly closed: string | null;
  /** Keys of it that the provider refuses while others do their work; absent where there is none. */
  readonly refusedKeys?: readonly { readonly variable: string; readonly why: string }[];
  /** Each change of the ceiling that refusals taught it, oldest first; absent where it never learned one. */
  readonly ceilings?: readonly LaneCeiling[];
  /** Times in which it took no create, oldest first; absent where there was none, or an older version wrote down none. */
  readonly stops?: readonly LaneStop[];
  /** Places that other batches took while this one was at work on it; absent where there were none. */
  readonly elsewhere?: readonly TakenPlace[];
}

/**
 * Why a lane took no create: it rested after a refusal for the rate, after creates whose reply was lost, or while it could
 * not be reached; it was closed for its key or its balance; the budget had no room for any job of the batch; all that were
 * left of it waited for the results of others that are made of the same; or files for it were not taken.
 */
export type LaneStopCause = PauseCause | 'closed' | 'budget' | 'twin' | 'upload';

/** `untilMs` is `null` while it goes on. */
export interface LaneStop {
  readonly atMs: number;
  readonly untilMs: number | null;
  readonly cause: LaneStopCause;
}

/** From this moment on a lane kept to so many open attempts; `null`: to its limit again. */
export interface LaneCeiling {
  readonly atMs: number;
  readonly concurrent: number | null;
}

/** An attempt of another batch: when its create left, when its slot was free again, and its place in the window. */
export type TakenPlace = readonly [fromMs: number, slotEndMs: number, windowEndMs: number];

export interface RunSnapshot {
  readonly id: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly endedWhy: string | null;
  readonly host: string;
  readonly version: string;
}

/**
 * The read model of a batch: everything that `status` and the reports show. Plain data, no secret in it.
 * @typeParam Jobs an array, or {@link StreamedSnapshot}'s jobs
 */
export interface Snapshot<Jobs extends Iterable<JobSnapshot> = readonly JobSnapshot[]> {
  readonly version: typeof SNAPSHOT_VERSION;
  readonly batch: string;
  /** As the user would type it. */
  readonly manifest: string;
  /** Prices are simulated and nothing was really bought. */
  readonly emulated: boolean;
  readonly takenAtMs: number;
  /** Whose days and months the caps count, and the report splits by: a name that `Intl` knows. */
  readonly timeZone: string;
  readonly runs: readonly RunSnapshot[];
  readonly lanes: readonly LaneSnapshot[];
  readonly jobs: Jobs;
  /**
   * The jobs are a part of the batch: the options with which a command is about the same part, as they are typed. Absent
   * where they are all. What is told of lanes, runs and caps is of the whole batch in any case.
   */
  readonly selection?: string;
  /** Every cap in force, as the manifest and the last run set them; absent where there is none. */
  readonly budget?: readonly CapSnapshot[];
  readonly warnings: readonly string[];
}

/** All of a snapshot but its jobs. */
export type SnapshotFrame = Omit<Snapshot, 'jobs'>;

/**
 * A snapshot whose jobs are read anew each time they are gone through, in the same order and with the same content: a
 * batch may have more of them than is good to have in memory at once.
 */
export type StreamedSnapshot = Snapshot<Iterable<JobSnapshot>>;
