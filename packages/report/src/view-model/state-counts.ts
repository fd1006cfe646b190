import type { JobTotals } from '@localize/core';

/** Job states as people speak of them: the five states of a job under way are one. */
export type StateGroup = 'succeeded' | 'failed' | 'held' | 'running' | 'pending' | 'canceled' | 'orphaned';

export interface StateCount {
  readonly state: StateGroup;
  readonly name: string;
  readonly count: number;
}

const NAMES: readonly (readonly [StateGroup, string])[] = [
  ['succeeded', 'Succeeded'],
  ['failed', 'Failed'],
  ['held', 'Held'],
  ['running', 'Running'],
  ['pending', 'Waiting'],
  ['canceled', 'Canceled'],
  ['orphaned', 'Not in the manifest'],
];

/** Succeeded, failed, held and waiting always; the others when there are any. */
export function stateCounts(totals: JobTotals): StateCount[] {
  const always: readonly StateGroup[] = ['succeeded', 'failed', 'held', 'pending'];
  return NAMES.map(([state, name]) => ({ state, name, count: totals[state] })).filter(
    ({ state, count }) => count > 0 || always.includes(state),
  );
}

/** The name of a state for a person. */
export function stateName(state: StateGroup): string {
  return NAMES.find(([id]) => id === state)?.[1] ?? state;
}
