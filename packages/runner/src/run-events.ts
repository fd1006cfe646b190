import type {
  AttemptState,
  CostSource,
  ExchangeRecord,
  ExitCode,
  Failure,
  HoldReason,
  JobState,
  Micros,
  MoneyWait,
  ProviderId,
} from '@localize/core';

/** What a run tells while it goes on. Plain data without secrets; `atMs` is epoch milliseconds. */
export type RunEvent = { readonly atMs: number } & (
  | {
      readonly type: 'run:started';
      readonly runId: string;
      readonly batch: string;
      readonly jobs: number;
      readonly done: number;
      /** Those of the jobs that an earlier run has left on their way; absent where there is none. */
      readonly underWay?: readonly JobUnderWay[] | undefined;
    }
  | {
      readonly type: 'job:state';
      readonly key: string;
      readonly from: JobState;
      readonly to: JobState;
      readonly reason?: HoldReason | undefined;
      readonly failure?: Failure | undefined;
    }
  | {
      readonly type: 'attempt:state';
      readonly key: string;
      readonly attemptId: string;
      readonly route: string;
      readonly lane: string;
      /** `null`: it was just intended; `to` null: it was withdrawn, nothing had left. */
      readonly from: AttemptState | null;
      readonly to: AttemptState | null;
      readonly predictionId?: string | undefined;
      readonly costMicros?: Micros | null | undefined;
      readonly costSource?: CostSource | undefined;
      readonly failure?: Failure | undefined;
    }
  | { readonly type: 'lane:paused'; readonly lane: string; readonly untilMs: number; readonly why: string }
  | {
      readonly type: 'lane:closed';
      readonly lane: string;
      /** Only this key of it is refused: the others take its work. */
      readonly key?: string | undefined;
      readonly why: string;
    }
  | {
      /** At most a hundred times a file, and once a minute where it does not move. */
      readonly type: 'upload:progress';
      readonly file: string;
      readonly destination: string;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  /** A destination takes no files: until then none is tried there. */
  | { readonly type: 'upload:paused'; readonly destination: string; readonly untilMs: number; readonly why: string }
  | { readonly type: 'upload:failed'; readonly file: string; readonly destination: string; readonly message: string }
  | {
      readonly type: 'upload:done';
      readonly file: string;
      readonly destination: string;
      /** That were sent; 0 where it was there already. */
      readonly bytes: number;
    }
  /** A host serves no results, or a provider, by its id, does not say where they lie: until then none is asked for there. */
  | { readonly type: 'download:paused'; readonly from: string; readonly untilMs: number; readonly why: string }
  | { readonly type: 'delivery:done'; readonly key: string; readonly destination: string }
  | { readonly type: 'delivery:failed'; readonly key: string; readonly destination: string; readonly message: string }
  | {
      readonly type: 'download:progress';
      readonly key: string;
      readonly bytes: number;
      readonly totalBytes: number | null;
    }
  | {
      readonly type: 'job:changed';
      readonly key: string;
      readonly fields: readonly string[];
      /** A reviewer approved the output: a re-make alone leaves it as it is. */
      readonly approved?: true | undefined;
      /** The run was told to make it again, and the budget has no room for it. */
      readonly waitsForMoney?: MoneyWait | undefined;
    }
  | {
      /** Nothing that is left fits under a cap any more; told once a run and cap. */
      readonly type: 'budget:met';
      readonly cap: string;
      /** The cap is on every job, so that no further create leaves in this run. */
      readonly everything: boolean;
      readonly message: string;
    }
  | ({
      /** One request and its reply. */
      readonly type: 'exchange';
      readonly key: string;
      /** `null` where it belongs to none. */
      readonly attemptId: string | null;
      /** Of a job that the run is not about, whose open prediction is polled since it holds a slot: its batch. */
      readonly batch?: string | undefined;
    } & ExchangeRecord)
  | { readonly type: 'problem'; readonly key?: string | undefined; readonly message: string }
  | { readonly type: 'run:stopping'; readonly why: StopReason; readonly repliesInFlight: number }
  | { readonly type: 'run:ended'; readonly runId: string; readonly why: EndReason; readonly exit: ExitCode }
);

export interface JobUnderWay {
  readonly key: string;
  readonly state: JobState;
  readonly provider: ProviderId;
}

/** Why a run stops before its jobs are done. */
export type StopReason = 'interrupted' | 'budget' | 'stop-after' | 'machine';
export type EndReason = 'finished' | StopReason;
