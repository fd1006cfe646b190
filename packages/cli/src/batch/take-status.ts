import { type LaneStatus, type StreamedSnapshot, selectedJobs } from '@localize/core';
import { type EditedOutputs, isAtWork, storeExists, systemClock } from '@localize/runner';
import { type StatusSurvey, surveyStatus } from '../output/status-survey.js';
import { type Selection, selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { selectedAs } from '../select/selection-flags.js';
import type { LoadedBatch } from './load-batch.js';
import type { RenamedBatch } from './renamed-batch.js';
import { type LanesNow, readPlanLanes, type UnpaidJobs } from './take-lanes.js';
import { withState } from './take-snapshot.js';

/** Where a batch stands at one moment, and what its lanes wait for. */
export interface StatusView {
  /** With the selected jobs only, which are read as they are gone through. */
  readonly snapshot: StreamedSnapshot;
  /** What they come to. */
  readonly survey: StatusSurvey;
  readonly isSelected: (key: string) => boolean;
  readonly lanes: readonly LaneStatus[];
  /** The lanes' own clock. */
  readonly laneNowMs: number;
  /** Whether a run of the batch is at work. */
  readonly atWork: boolean;
}

export interface StatusSource {
  readonly cwd: string;
  readonly selection: Selection;
  /** What was bought before the batch had its name, as far as nothing counts it yet. */
  readonly renamed?: RenamedBatch | null;
  /** What a look at the files of finished jobs has found; by default what the last run did. */
  readonly edited?: EditedOutputs | null;
}

/**
 * Looks at the state as it is at one moment, without all jobs in memory. Reads only, and makes no state; works while a run
 * goes on.
 * @throws LocalizeError JOB_UNKNOWN when the selection names no job
 */
export function withStatus<T>(
  batch: LoadedBatch,
  { cwd, selection, renamed, edited = null }: StatusSource,
  look: (view: StatusView) => T,
): T {
  const { plan, location } = batch;
  return withState(location.path, { batch, cwd, nowMs: systemClock().nowMs(), renamed, edited }, (all) => {
    const isSelected = selectJobs(() => selectableJobs(plan, all), selection);
    const snapshot = { ...all, ...selectedAs(selection), jobs: selectedJobs(all.jobs, isSelected) };
    const { lanes, nowMs: laneNowMs } = readPlanLanes(location.path, plan, unpaidJobs(all));
    const atWork = isAtWork(location.path, plan.batch);
    return look({ snapshot, survey: surveyStatus(snapshot), isSelected, lanes, laneNowMs, atWork });
  });
}

/** The lanes alone, as {@link withStatus} has them: under a budget some wait for money, which only a look at the jobs tells. */
export function lanesNow(batch: LoadedBatch, cwd: string): LanesNow {
  const { plan, location } = batch;
  const isCapped = plan.budget.caps.length > 0 && storeExists(location.path);
  if (!isCapped) return readPlanLanes(location.path, plan);
  const nowMs = systemClock().nowMs();
  return withState(location.path, { batch, cwd, nowMs }, (all) => readPlanLanes(location.path, plan, unpaidJobs(all)));
}

/** Goes through the jobs only where there are such. */
function unpaidJobs({ jobs, budget = [] }: StreamedSnapshot): UnpaidJobs {
  const unpaid = new Set<string>();
  if (budget.every(({ waitingJobs }) => waitingJobs === 0)) return unpaid;
  for (const { key, waitsForMoney } of jobs) if (waitsForMoney) unpaid.add(key);
  return unpaid;
}
