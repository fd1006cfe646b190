import { formatUsd } from '@localize/core';
import type { RunContext } from '../run-context.js';
import type { MetCap } from '../store/purses.js';

/**
 * Says once of each cap that nothing that is left fits under it. On the way that is said only where nothing in flight
 * could make room again: what is out there may be refused, fail, or cost less than was reserved for it.
 */
export function tellMetCaps({ spending, journal }: RunContext, when: 'on the way' | 'at the end'): void {
  for (const met of spending.purses?.met() ?? []) {
    if (spending.metSaid.has(met.cap) || (met.mayReopen && when === 'on the way')) continue;
    spending.metSaid.add(met.cap);
    const everything = met.cap.scope.kind === 'all';
    journal.tell({ type: 'budget:met', cap: met.cap.name, everything, message: metWords(met) });
  }
}

function metWords({ cap, neededMicros, leftMicros }: MetCap): string {
  const what = cap.scope.kind === 'all' ? 'no further create leaves' : 'no further create leaves under it';
  const needed = `the cheapest job left needs $${formatUsd(neededMicros)}, and it leaves $${formatUsd(leftMicros)}`;
  return `${cap.name} is met, and ${what}: ${needed}`;
}
