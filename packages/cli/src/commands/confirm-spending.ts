import { count, formatUsd, LocalizeError, type Plan } from '@localize/core';
import type { Spending } from '../batch/new-spending.js';
import { settingsInUse } from '../batch/session.js';
import type { CommandContext } from '../definitions.js';
import { isLoopback } from '../keys/check-hosts.js';
import { createPaint } from '../output/paint.js';
import { sumLines } from '../output/plan-text.js';

/**
 * Asks before a run spends more than `confirm_above_usd`, or an amount that nobody knows: a price that is only a
 * minimum counts as one until a bill has shown what it comes to. Nothing is asked for what an
 * earlier run has bought already, on the emulator, or for an unknown price on loopback, where nobody sells.
 * @throws LocalizeError CONFIRMATION_NEEDED where nobody can answer
 */
export async function confirmSpending(
  context: Pick<CommandContext, 'ask' | 'err'>,
  spending: Spending,
): Promise<boolean> {
  const { plan, view, micros, unpricedJobs, minimumJobs } = spending;
  const isUnknown = unpricedJobs + minimumJobs > 0 && !isAtHome(plan);
  if (plan.emulate || (micros <= plan.budget.confirmAboveMicros && !isUnknown)) return true;
  const what = `${plan.batch}: ${spendingWords(spending)}`;
  if (context.ask === null) {
    throw new LocalizeError('CONFIRMATION_NEEDED', `${what} needs a yes, and there is no terminal to ask on`, {
      hint: 'add --yes to spend it; localize plan shows every price',
    });
  }
  const totals = sumLines('By provider', view.summary.byProvider, createPaint(false));
  if (totals.length > 0) context.err.write(`${totals.join('\n')}\n`);
  return context.ask(`${what}. Buy?`);
}

/** `12 jobs (2 of them finished and made again) for at least $14.20 and 3 jobs of unknown price` */
function spendingWords({ toBuy, remakes, micros, unpricedJobs, minimumJobs }: Spending): string {
  const again = remakes === 0 ? '' : ` (${remakes} of them finished and made again)`;
  const known = `${minimumJobs > 0 ? 'at least ' : ''}$${formatUsd(micros)}`;
  const unknown = `${count(unpricedJobs, 'job')} of unknown price`;
  const price = unpricedJobs === 0 ? known : micros === 0 ? unknown : `${known} and ${unknown}`;
  return `${count(toBuy.length, 'job')}${again} for ${price}`;
}

function isAtHome(plan: Plan): boolean {
  return settingsInUse(plan).every(({ hosts }) => isLoopback(new URL(hosts.base_url ?? '').hostname));
}
