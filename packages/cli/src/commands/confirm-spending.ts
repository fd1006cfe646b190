import { count, formatUsd, LocalizeError, MICROS_PER_USD, type Plan, type Snapshot } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { CommandContext } from '../definitions.js';
import { buildPlanView } from '../output/plan-view.js';

/** A batch that would newly spend more than this is asked for first. */
const CONFIRM_ABOVE_MICROS = 10 * MICROS_PER_USD;

/**
 * Asks before a run spends much. Nothing is asked for what an earlier run has bought already, nor on the emulator.
 * @throws LocalizeError CONFIRMATION_NEEDED where nobody can answer
 */
export async function confirmSpending(
  context: CommandContext,
  plan: Plan,
  before: Snapshot,
  options: { yes: boolean; only: (key: string) => boolean; retryFailed: boolean },
): Promise<boolean> {
  if (options.yes || plan.emulate) return true;
  const { only: selected, retryFailed } = options;
  const { total } = buildPlanView(plan, { snapshot: before, changed: [], catalogue, selected, retryFailed }).summary;
  if (total.estimatedMicros <= CONFIRM_ABOVE_MICROS) return true;
  const unknown = total.unpricedJobs > 0 ? ` and ${count(total.unpricedJobs, 'job')} of unknown price` : '';
  const what = `${plan.batch}: ${count(total.jobs, 'job')} for $${formatUsd(total.estimatedMicros)}${unknown}`;
  if (context.ask === null) {
    throw new LocalizeError('CONFIRMATION_NEEDED', `${what} needs a yes, and there is no terminal to ask on`, {
      hint: 'add --yes to spend it; localize plan shows every price',
    });
  }
  return context.ask(`${what}. Buy?`);
}
