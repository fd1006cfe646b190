import type {
  AttemptState,
  BudgetCap,
  CostSource,
  FailureKind,
  HoldReason,
  JobState,
  JobTotals,
  ReviewState,
} from '@localize/core';
import type { MoneyClass } from '../view-model/attempt-money.js';

/** Version of the JSON report; raised when a field is removed or changes its meaning, not when one is added. */
export const REPORT_JSON_VERSION = 2;

/** US dollars as a decimal text (`"0.15"`), exact to the micro-dollar. `null` is unknown, never zero. */
export type Usd = string | null;
/** ISO 8601 in UTC. */
export type IsoTime = string;

/** The JSON report. Names and figures agree with `localize status --json`; its schema is `REPORT_JSON_SCHEMA`. */
export interface ReportJson {
  readonly format: 'localize-report';
  readonly version: typeof REPORT_JSON_VERSION;
  readonly batch: string;
  readonly manifest: string;
  readonly selection: string | null;
  /** `simulated`: an emulated batch; nothing was bought. */
  readonly prices: 'real' | 'simulated';
  /** The machine's, whose days and months `cost_by.day` and the caps count: an IANA name such as `Europe/Berlin`. */
  readonly time_zone: string;
  readonly taken_at: IsoTime;
  readonly runs: readonly RunJson[];
  readonly totals: JobTotals;
  readonly cost: CostJson;
  readonly cost_by: {
    readonly provider: readonly CostRowJson[];
    readonly route: readonly CostRowJson[];
    readonly language: readonly CostRowJson[];
    readonly video: readonly CostRowJson[];
    /** By the day on which the attempt was made, in `time_zone`: the days that a cap counts. */
    readonly day: readonly DayRowJson[];
    readonly labels: Readonly<Record<string, readonly CostRowJson[]>>;
  };
  /** What the same jobs would cost on other routes that their settings allow, by estimate. */
  readonly same_work: readonly SameWorkJson[];
  /** Every cap in force. */
  readonly budget: readonly CapJson[];
  readonly rate_limited: number;
  /** Jobs, lanes and videos that nothing but a person mends: what every document heads with these words. */
  readonly needs_a_person: readonly AttentionJson[];
  /** Jobs that stopped, and that the next run looks at again by itself. */
  readonly next_run_looks_again: readonly AttentionJson[];
  /** Finished videos that the manifest asks for differently by now; `null` where there are none. */
  readonly differs_from_manifest: DiffersJson | null;
  /** What another run goes on with; `null` while one is at work, before the first, and where nothing is left. */
  readonly left_to_do: LeftJson | null;
  readonly warnings: readonly string[];
  readonly lanes: readonly LaneJson[];
  readonly jobs: readonly JobJson[];
}

/** The money of some jobs; `localize status --json` has the same. */
export interface MoneyJson {
  /** `null` where no job has an estimate. */
  readonly estimated_usd: Usd;
  /** Jobs whose route has no known price: they are missing in the estimate. */
  readonly jobs_without_estimate: number;
  /** `null` where attempts cost an amount nobody knows and no other cost anything. */
  readonly billed_usd: Usd;
  /** Part of billed that rests on our price formula and not on the provider's word. */
  readonly billed_by_formula_usd: string;
  /** Part of billed. */
  readonly charged_but_failed_usd: string;
  /** Part of billed. */
  readonly lost_usd: string;
  readonly in_flight_usd: string;
  readonly at_risk_usd: string;
  /** What attempts that were not charged would have cost. */
  readonly not_charged_usd: string;
  /** Attempts that cost an amount nobody knows. */
  readonly unpriced_attempts: number;
  readonly attempts: number;
}

export interface CostJson extends MoneyJson {
  readonly per_finished_minute_usd: Usd;
}

export interface CostRowJson extends CostJson {
  readonly name: string;
  readonly jobs: number;
  readonly finished_jobs: number;
}

export interface DayRowJson extends Omit<CostRowJson, 'estimated_usd' | 'jobs_without_estimate'> {
  readonly estimated_usd: null;
  readonly jobs_without_estimate: null;
}

export interface SameWorkJson {
  readonly route: string;
  readonly jobs: number;
  /** On that route. */
  readonly there_usd: string;
  /** Where they are. */
  readonly here_usd: string;
}

export interface CapJson {
  /** Where the user set it, such as `budget.max_usd`. */
  readonly name: string;
  /** Whose money it counts, and over which time. */
  readonly scope: BudgetCap['scope'];
  readonly period: BudgetCap['period'];
  readonly cap_usd: string;
  readonly billed_usd: string;
  readonly in_flight_usd: string;
  readonly at_risk_usd: string;
  /** Attempts that it counts and of whose amounts nobody knows anything: nothing is bought under it. */
  readonly unpriced_attempts: number;
  readonly left_usd: string;
  readonly waiting_jobs: number;
  /** By how much it would have to be raised for them. */
  readonly short_usd: string;
}

/** Of a job that stopped, a lane that is closed, a finished video of which reviewers have to say more. */
export const ATTENTION_STATES = [
  'failed',
  'held',
  'waiting',
  'closed',
  'replaced',
  'missing',
  'disputed',
  'came_out_the_same',
  'overtaken',
  'cannot_be_made_again',
] as const;

export interface AttentionJson {
  /** `null` of a lane. */
  readonly key: string | null;
  /** The name of its key variable; `null` of a job. */
  readonly lane: string | null;
  readonly state: (typeof ATTENTION_STATES)[number];
  readonly why: string;
  /** More about this very job; `null` where `why` says it all. */
  readonly detail: string | null;
  readonly at_risk_usd: Usd;
  readonly billed_usd: string;
  readonly mend: string | null;
}

export interface DiffersJson {
  readonly jobs: number;
  /** Those of them that a reviewer approved. */
  readonly approved: number;
  /** Those of them that the command buys again. */
  readonly remakes: number;
  /** What those are expected to cost, as far as it is known; `null` where nothing of it is. */
  readonly estimated_usd: Usd;
  /** Videos that reviewers want made again: the command buys them as well. */
  readonly redos: number;
  /** What the command is expected to cost with them. */
  readonly command_usd: Usd;
  readonly command: string;
}

export interface LeftJson {
  readonly videos: number;
  /** Those of them that are bought and not fetched. */
  readonly bought: number;
  readonly command: string;
}

export interface RunJson {
  readonly id: string;
  readonly started_at: IsoTime;
  readonly ended_at: IsoTime | null;
  readonly ended_why: string | null;
  readonly host: string;
  readonly version: string;
}

export interface LaneJson {
  readonly lane: string;
  readonly provider: string;
  readonly creates: number;
  readonly per_seconds: number;
  readonly concurrent: number;
  readonly in_flight: number;
  readonly rate_limited: number;
  readonly closed: string | null;
}

export interface JobJson {
  readonly key: string;
  readonly video: string;
  readonly language: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: JobState;
  readonly orphaned: boolean;
  readonly route: string | null;
  readonly estimated_usd: Usd;
  readonly output: string | null;
  readonly output_sha256: string | null;
  readonly output_bytes: number | null;
  readonly output_seconds: number | null;
  readonly track_seconds: number | null;
  /** What was measured in the output when it was verified. */
  readonly measured: MeasuredJson | null;
  /** Pixels of the source's picture. */
  readonly source_size: { readonly width: number; readonly height: number } | null;
  /** What is wrong with the output by those measures, in words. */
  readonly faults: readonly string[];
  /** What is worth knowing of it. */
  readonly notes: readonly string[];
  readonly source: string;
  readonly hold_reason: HoldReason | null;
  readonly reason: string | null;
  readonly mend: string | null;
  /** Caps of the budget that keep it from being bought. */
  readonly waits_for: readonly string[];
  /** What reviewers said of this very output. */
  readonly marks: readonly MarkJson[];
  /** What they said of outputs that it had before. */
  readonly earlier_marks: readonly MarkJson[];
  /** What the manifest asks for differently since it was made; empty where it is as asked, or not finished. */
  readonly differs_in: readonly string[];
  /** What a redo changes in its making; `waits` until it was made so. */
  readonly redo: RedoJson | null;
  /** It is finished and to be made again, and nothing was bought for that yet; `reason` and `mend` are of the making. */
  readonly making_again: { readonly state: JobState; readonly hold_reason: HoldReason | null } | null;
  /** The finished video that another was bought in the place of, which is not there; `null` where none lies on disk. */
  readonly earlier_video: {
    readonly output: string;
    readonly sha256: string;
    readonly seconds: number | null;
    readonly review: ReviewState | null;
  } | null;
  /** Where its video is from, when nothing was bought for it; `job` is `null` where nobody knows for which it was. */
  readonly taken_from: { readonly job: { readonly batch: string; readonly key: string } | null } | null;
  readonly attempts: readonly AttemptJson[];
}

export interface RedoJson {
  readonly route: string | null;
  readonly seed: number | null;
  readonly waits: boolean;
  /** The manifest was edited since and is the newer word: it is not made so. */
  readonly overtaken: boolean;
  /** It was made so, and is the same video, byte by byte. */
  readonly came_out_the_same: boolean;
  /** While it waits: what it is expected to cost. */
  readonly estimated_usd: Usd;
  /** While it waits: why no route can make it as asked. */
  readonly refused: string | null;
}

export interface MeasuredJson {
  readonly width: number;
  readonly height: number;
  readonly frames_per_second: number | null;
  readonly has_audio: boolean;
  readonly audio_seconds: number | null;
}

export interface MarkJson {
  readonly reviewer: string;
  readonly verdict: 'approve' | 'redo';
  readonly route: string | null;
  readonly note: string;
  readonly at: IsoTime;
}

export interface AttemptJson {
  readonly id: string;
  /** The run that made it; `null` where an older version made it. */
  readonly run: string | null;
  readonly route: string;
  readonly provider: string;
  readonly lane: string;
  readonly state: AttemptState;
  readonly prediction_id: string | null;
  readonly money: MoneyClass;
  readonly estimated_usd: Usd;
  /** What the provider stated when it accepted. */
  readonly expected_usd: Usd;
  readonly quoted_usd: Usd;
  readonly cost_usd: Usd;
  readonly cost_source: CostSource;
  /** Its media began to be made fetchable, and all of it was. */
  readonly staging_at: IsoTime | null;
  readonly staged_at: IsoTime | null;
  readonly created_at: IsoTime;
  readonly sent_at: IsoTime | null;
  readonly accepted_at: IsoTime | null;
  /** A poll first said that the provider works on it. */
  readonly running_at: IsoTime | null;
  readonly ended_at: IsoTime | null;
  readonly download_at: IsoTime | null;
  readonly downloaded_at: IsoTime | null;
  readonly failure: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly code: string | null;
    readonly http_status: number | null;
  } | null;
}
