import { count, formatUsd, type MoneyWait } from '@localize/core';
import { createsEnded, isSelected, type RunContext } from '../run-context.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';

/** A plan of thousands of jobs may leave thousands. */
const NAMED = 20;

/** Says which jobs without a video are left unbought since what is carried out had no room for them: the run ends short. */
export function tellLeft(context: RunContext): void {
  if (createsEnded(context)) return;
  const { left = new Map() } = context.options;
  const unbought = [...left].filter(([key]) => isLeftUnbought(context, key));
  if (unbought.length === 0) return;
  context.spending.leavesJobs = true;
  context.journal.tell({ type: 'problem', message: leftWords(unbought) });
}

function isLeftUnbought(context: RunContext, key: string): boolean {
  const job = findRow(context.store, jobs, 'WHERE batch_id = ? AND key = ?', context.batchId, key);
  return job !== undefined && job.state !== 'succeeded' && !job.orphaned && !isSelected(context, key);
}

/** Which jobs are not bought by what a saved plan says, and for how much each waited then. */
export function leftWords(left: readonly (readonly [key: string, wait: MoneyWait])[]): string {
  const named = left
    .slice(0, NAMED)
    .map(([key, { neededMicros, caps }]) => `${key} ($${formatUsd(neededMicros)}, ${caps.join(' and ')})`);
  const more = left.length > NAMED ? [`and ${left.length - NAMED} more`] : [];
  const what = count(left.length, 'job is', 'jobs are');
  return `${what} not bought, since the plan says that the budget had no room: ${[...named, ...more].join(', ')}`;
}
