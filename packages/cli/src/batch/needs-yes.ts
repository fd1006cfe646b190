import { count, formatUsd, LocalizeError, type Plan, plainText } from '@localize/core';
import { isLoopback } from '../keys/check-hosts.js';
import type { Spending } from './new-spending.js';
import { settingsInUse } from './session.js';

/**
 * Whether a run may not buy that without a yes: it is more than `confirm_above_usd`; or an amount that nobody knows, and a price
 * that is only a minimum counts as one until a bill has shown what it comes to; or it was paid for under another name without a
 * usable video. Nothing is asked on the emulator, nor for an unknown price on loopback, where nobody sells.
 */
export function needsYes({ plan, micros, unpricedJobs, minimumJobs, boughtAgain }: Spending): boolean {
  const isUnknown = unpricedJobs + minimumJobs > 0 && !isAtHome(plan);
  return !plan.emulate && (micros > plan.budget.confirmAboveMicros || isUnknown || boughtAgain !== null);
}

/** @param why nobody can say it */
export function yesNeeded(spending: Spending, why: string, hint: string): LocalizeError {
  const need = spending.toBuy.length === 1 ? 'needs' : 'need';
  const message = `${purchase(spending)} ${need} a yes, and ${why}${againWords(spending)}`;
  return new LocalizeError('CONFIRMATION_NEEDED', message, { hint });
}

/** `spring: 12 jobs for $14.20` */
export function purchase(spending: Spending): string {
  return `${spending.plan.batch}: ${spendingWords(spending)}`;
}

function againWords({ boughtAgain }: Spending): string {
  return boughtAgain === null ? '' : `; ${plainText(boughtAgain)}`;
}

/** `12 jobs (2 of them finished and made again) for at least $14.20 and 3 jobs of unknown price (the budget has …)` */
function spendingWords(spending: Spending): string {
  const { plan, remakes, freeJobs, waitingJobs } = spending;
  const again = remakes === 0 ? '' : ` (${remakes} of them finished and made again)`;
  const free = freeJobs === 0 ? '' : `, and ${count(freeJobs, 'further job')} for free`;
  const wait = waitingJobs === 0 ? '' : ` (the budget has no room for ${count(waitingJobs, 'further job')})`;
  return `${purchaseWords(spending, again)}${plan.emulate ? ' (simulated)' : ''}${free}${wait}`;
}

function purchaseWords({ toBuy, micros, unpricedJobs, minimumJobs }: Spending, again: string): string {
  const unknown = `${count(unpricedJobs, 'job')} of unknown price`;
  if (unpricedJobs > 0 && unpricedJobs === toBuy.length) return `${unknown}${again}`;
  const known = `${minimumJobs > 0 ? 'at least ' : ''}$${formatUsd(micros)}`;
  return `${count(toBuy.length, 'job')}${again} for ${known}${unpricedJobs === 0 ? '' : ` and ${unknown}`}`;
}

function isAtHome(plan: Plan): boolean {
  return settingsInUse(plan).every(({ hosts }) => isLoopback(new URL(hosts.base_url ?? '').hostname));
}
