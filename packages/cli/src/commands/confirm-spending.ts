import { plainText } from '@localize/core';
import { needsYes, purchase, yesNeeded } from '../batch/needs-yes.js';
import type { Spending } from '../batch/new-spending.js';
import type { CommandContext } from '../definitions.js';
import { createPaint } from '../output/paint.js';
import { sumLines } from '../output/plan-text.js';

/**
 * Shows on a terminal what a run is about to buy, and asks before it spends what {@link needsYes} says. Nothing is asked with
 * `yes`, nor for what an earlier run has bought already.
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
  const what = purchase(spending);
  if (yes || !needsYes(spending)) {
    if (quiet || spending.toBuy.length === 0) return true;
    if (err.isTerminal) err.write(lines([...totals(spending), what]));
    else if (spending.boughtAgain !== null) err.write(lines([plainText(spending.boughtAgain)]));
    return true;
  }
  if (ask === null) {
    const hint = `add --yes to spend it; localize plan ${again} shows every price`;
    throw yesNeeded(spending, 'there is no terminal to ask on', hint);
  }
  err.write(lines(totals(spending)));
  return ask(`${what}. Buy?`);
}

function totals({ byProvider, notes }: Spending): string[] {
  return [...notes.map((note) => plainText(note)), ...sumLines('By provider', byProvider, createPaint(false))];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
