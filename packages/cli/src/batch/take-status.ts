import type { LaneStatus, Snapshot } from '@localize/core';
import { isAtWork, systemClock } from '@localize/runner';
import { type Selection, selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import type { LoadedBatch } from './load-batch.js';
import { readPlanLanes } from './take-lanes.js';
import { readState } from './take-snapshot.js';

/** Where a batch stands at one moment, and what its lanes wait for. */
export interface StatusView {
  /** With the selected jobs only. */
  readonly snapshot: Snapshot;
  readonly lanes: readonly LaneStatus[];
  /** The lanes' own clock. */
  readonly laneNowMs: number;
  /** Whether a run of the batch is at work. */
  readonly atWork: boolean;
}

/**
 * Reads only, and makes no state; works while a run goes on.
 * @throws LocalizeError JOB_UNKNOWN when the selection names no job
 */
export function takeStatus(batch: LoadedBatch, cwd: string, selection: Selection): StatusView {
  const { plan, location } = batch;
  const snapshot = readState(location.path, { batch, cwd, nowMs: systemClock().nowMs() });
  const matches = selectJobs(() => selectableJobs(plan, snapshot), selection);
  const { lanes, nowMs } = readPlanLanes(location.path, plan, snapshot.jobs);
  return {
    snapshot: { ...snapshot, jobs: snapshot.jobs.filter((job) => matches(job.key)) },
    lanes,
    laneNowMs: nowMs,
    atWork: isAtWork(location.path, plan.batch),
  };
}
