import type { JobSnapshot, JobTotals } from '@localize/core';
import type { Attention } from './attention.js';
import { formatNumber } from './format.js';
import { missingCount, replacedCount } from './review-troubles.js';

/** Job states as people speak of them: the three states of a job that is or may be bought are one, the two before it another. */
export type StateGroup = 'succeeded' | 'failed' | 'held' | 'running' | 'pending' | 'canceled' | 'orphaned';

export interface StateCount {
  readonly state: StateGroup;
  readonly name: string;
  readonly count: number;
  /** Of all jobs, from 0 to 1. */
  readonly share: number;
  /** `1 replaced on disk`: what part of them is not as the name says; `null` where none is. */
  readonly note: string | null;
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
export function stateCounts({ totals, attention }: Counted): StateCount[] {
  const always: readonly StateGroup[] = ['succeeded', 'failed', 'held', 'pending'];
  const all = Math.max(1, totals.jobs);
  const note = (state: StateGroup) => (state === 'succeeded' ? succeededNote(attention) : null);
  return NAMES.map(([state, name]) => {
    const count = totals[state];
    return { state, name, count, share: count / all, note: note(state) };
  }).filter(({ state, count }) => count > 0 || always.includes(state));
}

interface Counted {
  readonly totals: JobTotals;
  readonly attention: Attention;
}

function succeededNote({ reviews, remaking }: Attention): string | null {
  const replaced = replacedCount(reviews);
  const missing = missingCount(reviews);
  const words = [
    ...(replaced > 0 ? [`${formatNumber(replaced)} replaced on disk`] : []),
    ...(missing > 0 ? [`${formatNumber(missing)} not on disk`] : []),
    ...(remaking > 0 ? [`${formatNumber(remaking)} to be made again`] : []),
  ];
  return words.length === 0 ? null : words.join(', ');
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
      return 'pending';
    case 'submitting':
    case 'processing':
    case 'downloading':
      return 'running';
    default:
      return job.state;
  }
}
