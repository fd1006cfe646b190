import type { JobState, Micros, Plan } from '@localize/core';
import type { RunEvent } from '@localize/runner';

export interface LaneProgress {
  readonly lane: string;
  readonly provider: string;
  readonly concurrent: number;
  readonly creates: number;
  readonly perMs: number;
  /** Attempts that this run knows to be open. */
  readonly open: Set<string>;
  /** When creates were sent, within the last window. */
  sentAtMs: number[];
  pausedUntilMs: number | null;
  closed: string | null;
}

export interface UploadProgress {
  readonly file: string;
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
  startedAtMs: number | null;
  readonly states: Map<string, JobState>;
  readonly costs: Map<string, Micros>;
  readonly lanes: Map<string, LaneProgress>;
  /** Files on their way to a provider or a bucket. */
  readonly uploads: Map<string, UploadProgress>;
  stopping: boolean;
}

export function createProgressModel(plan: Plan): ProgressModel {
  return {
    batch: plan.batch,
    emulated: plan.emulate,
    jobs: plan.jobs.length,
    doneBefore: 0,
    startedAtMs: null,
    states: new Map(),
    costs: new Map(),
    lanes: new Map(),
    uploads: new Map(),
    stopping: false,
  };
}

/** Takes one event in. */
export function applyEvent(model: ProgressModel, plan: Plan, event: RunEvent): void {
  switch (event.type) {
    case 'run:started':
      model.jobs = event.jobs;
      model.doneBefore = event.done;
      model.startedAtMs = event.atMs;
      break;
    case 'job:state':
      model.states.set(event.key, event.to);
      break;
    case 'attempt:state':
      applyAttempt(model, plan, event);
      break;
    case 'lane:paused': {
      const lane = model.lanes.get(event.lane);
      if (lane) lane.pausedUntilMs = event.untilMs;
      break;
    }
    case 'lane:closed': {
      const lane = model.lanes.get(event.lane);
      if (lane) lane.closed = event.why;
      break;
    }
    case 'upload:progress':
      model.uploads.set(`${event.destination} ${event.file}`, event);
      break;
    case 'upload:done':
    case 'upload:failed':
      model.uploads.delete(`${event.destination} ${event.file}`);
      break;
    case 'run:stopping':
      model.stopping = true;
      break;
    default:
      break;
  }
}

function applyAttempt(model: ProgressModel, plan: Plan, event: Extract<RunEvent, { type: 'attempt:state' }>): void {
  const lane = laneOf(model, plan, event.lane, event.route);
  if (event.from === null) lane.sentAtMs = [...lane.sentAtMs.filter((at) => at > event.atMs - lane.perMs), event.atMs];
  if (event.to === 'intended' || event.to === 'accepted') lane.open.add(event.attemptId);
  else lane.open.delete(event.attemptId);
  if (typeof event.costMicros === 'number') model.costs.set(event.attemptId, event.costMicros);
}

function laneOf(model: ProgressModel, plan: Plan, name: string, route: string): LaneProgress {
  const provider = route.split('/')[0] ?? route;
  const known = model.lanes.get(name);
  if (known) return known;
  const limits = plan.providers[provider]?.limits ?? { creates: 0, perMs: 0, concurrent: 0 };
  const lane: LaneProgress = {
    lane: name,
    provider,
    ...limits,
    open: new Set(),
    sentAtMs: [],
    pausedUntilMs: null,
    closed: null,
  };
  model.lanes.set(name, lane);
  return lane;
}

export interface ProgressCounts {
  readonly jobs: number;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly held: number;
}

const RUNNING: readonly JobState[] = ['staging', 'submitting', 'processing', 'downloading'];

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

/** A straight line through what this run has finished; `null` before it says anything. */
export function remainingMs(model: ProgressModel, nowMs: number): number | null {
  const { jobs, done, failed, held } = countJobs(model);
  const finishedNow = done - model.doneBefore;
  if (model.startedAtMs === null || finishedNow < 2) return null;
  const left = jobs - done - failed - held;
  return ((nowMs - model.startedAtMs) / finishedNow) * left;
}
