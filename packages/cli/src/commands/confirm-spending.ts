import { count, formatUsd, LocalizeError, type Plan, plainText } from '@localize/core';
import type { Spending } from '../batch/new-spending.js';
import { settingsInUse } from '../batch/session.js';
import type { CommandContext } from '../definitions.js';
import { isLoopback } from '../keys/check-hosts.js';
import { createPaint } from '../output/paint.js';
import { sumLines } from '../output/plan-text.js';

/**
 * Shows on a terminal what a run is about to buy, and asks before it spends more than `confirm_above_usd`, or an amount
 * that nobody knows: a price that is only a minimum counts as one until a bill has shown what it comes to; and before it
 * buys what was paid for under another name without a usable video, whatever that costs. Nothing is
 * asked with `yes`, for what an earlier run has bought already, on the emulator, or for an unknown price on loopback, where nobody sells.
 * @throws LocalizeError CONFIRMATION_NEEDED where nobody can answer
 */
export async function confirmSpending(
  { ask, err }: Pick<CommandContext, 'ask' | 'err'>,
  spending: Spending,
  {
    yes = false,
    quiet = false,
    again = 'MANIFEST',
  }: { readonly yes?: boolean; readonly quiet?: boolean; readonly again?: string } = {},
): Promise<boolean> {
  const what = `${spending.plan.batch}: ${spendingWords(spending)}`;
  if (yes || !needsYes(spending)) {
    if (quiet || spending.toBuy.length === 0) return true;
    if (err.isTerminal) err.write(lines([...totals(spending), what]));
    else if (spending.boughtAgain !== null) err.write(lines([plainText(spending.boughtAgain)]));
    return true;
  }
  if (ask === null) {
    throw new LocalizeError(
      'CONFIRMATION_NEEDED',
      `${what} ${spending.toBuy.length === 1 ? 'needs' : 'need'} a yes, and there is no terminal to ask on${againWords(spending)}`,
      {
        hint: `add --yes to spend it; localize plan ${again} shows every price`,
      },
    );
  }
  err.write(lines(totals(spending)));
  return ask(`${what}. Buy?`);
}

function againWords({ boughtAgain }: Spending): string {
  return boughtAgain === null ? '' : `; ${plainText(boughtAgain)}`;
}

function needsYes({ plan, micros, unpricedJobs, minimumJobs, boughtAgain }: Spending): boolean {
  const isUnknown = unpricedJobs + minimumJobs > 0 && !isAtHome(plan);
  return !plan.emulate && (micros > plan.budget.confirmAboveMicros || isUnknown || boughtAgain !== null);
}

function totals({ byProvider, notes }: Spending): string[] {
  return [...notes.map((note) => plainText(note)), ...sumLines('By provider', byProvider, createPaint(false))];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
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
