import type { JobSnapshot, JobTotals } from '@localize/core';

/** Job states as people speak of them: the four states of a job under way are one. */
export type StateGroup = 'succeeded' | 'failed' | 'held' | 'running' | 'pending' | 'canceled' | 'orphaned';

export interface StateCount {
  readonly state: StateGroup;
  readonly name: string;
  readonly count: number;
  /** Of all jobs, from 0 to 1. */
  readonly share: number;
}

const NAMES: readonly (readonly [StateGroup, string])[] = [
  ['succeeded', 'Succeeded'],
  ['failed', 'Failed'],
  ['held', 'Held'],
  ['running', 'Running'],
  ['pending', 'Waiting'],
  ['canceled', 'Canceled'],
  ['orphaned', 'Not in manifest'],
];

/** In the order in which they are shown. */
export const STATE_GROUPS: readonly StateGroup[] = NAMES.map(([state]) => state);

/** Succeeded, failed, held and waiting always; the others when there are any. */
export function stateCounts(totals: JobTotals): StateCount[] {
  const always: readonly StateGroup[] = ['succeeded', 'failed', 'held', 'pending'];
  const all = Math.max(1, totals.jobs);
  return NAMES.map(([state, name]) => ({ state, name, count: totals[state], share: totals[state] / all })).filter(
    ({ state, count }) => count > 0 || always.includes(state),
  );
}

/** The name of a state for a person. */
export function stateName(state: StateGroup): string {
  return NAMES.find(([id]) => id === state)?.[1] ?? state;
}

/** Sorted the way `jobTotals` counts. */
export function stateGroup(job: JobSnapshot): StateGroup {
  if (job.orphaned) return 'orphaned';
  switch (job.state) {
    case 'staging':
    case 'submitting':
    case 'processing':
    case 'downloading':
      return 'running';
    default:
      return job.state;
  }
}
