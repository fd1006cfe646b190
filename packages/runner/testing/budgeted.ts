import type { Snapshot } from '@localize/core';
import { withBudget } from '../src/store/money/read-budget.js';

/** {@link withBudget} with its jobs in memory. */
export function budgeted(...given: Parameters<typeof withBudget>): Snapshot {
  const snapshot = withBudget(...given);
  return { ...snapshot, jobs: [...snapshot.jobs] };
}
