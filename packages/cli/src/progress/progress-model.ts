import type { JobState, Micros, Plan } from '@localize/core';
import type { RunEvent } from '@localize/runner';

export interface UploadProgress {
  readonly file: string;
  readonly destination: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What the progress display knows: everything follows from the plan and the events of the run. */
export interface ProgressModel {
  readonly batch: string;
  readonly emulated: boolean;
  jobs: number;
  /** Jobs that had succeeded before this run. */
  doneBefore: number;
  /** An earlier run has left some of them on their way. */
  goesOn: boolean;
  startedAtMs: number | null;
  readonly states: Map<string, JobState>;
  readonly costs: Map<string, Micros>;
  /** Files on their way to a provider or a bucket. */
  readonly uploads: Map<string, UploadProgress>;
  stopping: boolean;
  /** What waits is left for another run, while what is out there is followed to its end. */
  createsEnded: boolean;
}

/** @param options.collect this run buys nothing at all */
export function createProgressModel(plan: Plan, { collect = false }: { collect?: boolean } = {}): ProgressModel {
  return {
    batch: plan.batch,
    emulated: plan.emulate,
    jobs: plan.jobs.length,
    doneBefore: 0,
    goesOn: false,
    startedAtMs: null,
    states: new Map(),
    costs: new Map(),
    uploads: new Map(),
    stopping: false,
    createsEnded: collect,
  };
}

/** Takes one event in. */
export function applyEvent(model: ProgressModel, event: RunEvent): void {
  switch (event.type) {
    case 'run:started':
      model.jobs = event.jobs;
      model.doneBefore = event.done;
      model.goesOn = event.done > 0 || (event.underWay ?? []).length > 0;
      model.startedAtMs = event.atMs;
      for (const { key, state } of event.underWay ?? []) model.states.set(key, state);
      break;
    case 'job:state':
      model.states.set(event.key, event.to);
      break;
    case 'attempt:state':
      if (typeof event.costMicros === 'number') model.costs.set(event.attemptId, event.costMicros);
      break;
    case 'upload:progress':
      model.uploads.set(`${event.destination} ${event.file}`, event);
      break;
    case 'upload:done':
    case 'upload:failed':
      model.uploads.delete(`${event.destination} ${event.file}`);
      break;
    case 'run:stopping':
      model.createsEnded = true;
      // The time for creates is over; the run goes on.
      model.stopping ||= event.why !== 'stop-after';
      break;
    case 'budget:met':
      model.createsEnded ||= event.everything;
      break;
    default:
      break;
  }
}

export interface ProgressCounts {
  readonly jobs: number;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly held: number;
}

/** Bought, or about to be; a job whose files are on their way may wait for its turn for long. */
const RUNNING: readonly JobState[] = ['submitting', 'processing', 'downloading'];

export function countJobs(model: ProgressModel): ProgressCounts {
  const states = [...model.states.values()];
  const count = (wanted: readonly JobState[]) => states.filter((state) => wanted.includes(state)).length;
  return {
    jobs: model.jobs,
    done: Math.min(model.jobs, model.doneBefore + count(['succeeded'])),
    running: count(RUNNING),
    failed: count(['failed', 'canceled']),
    held: count(['held']),
  };
}

/** What this run's attempts have cost so far. */
export function spentMicros(model: ProgressModel): Micros {
  return [...model.costs.values()].reduce((sum, micros) => sum + micros, 0);
}
