import { countsAnewWords, formatUsd } from '@localize/core';
import { createsEnded, type RunContext } from '../run-context.js';
import type { MetCap, OutOfRoom } from '../store/money/purses.js';
import { unpricedAttempts, unpricedAttemptWords, unpricedMend } from '../store/snapshot/edited-counts.js';
import { noteStops } from './own-stops.js';

/** What the budget leaves no room for now; `null` where nothing caps what is bought, or nothing is bought any more. */
export function lookForRoom(context: RunContext): OutOfRoom | null {
  return createsEnded(context) ? null : (context.spending.purses?.outOfRoom() ?? null);
}

/**
 * Says once of each cap that nothing that is left fits under it. On the way that is said only where nothing in flight
 * could make room again: what is out there may be refused, fail, or cost less than was reserved for it.
 */
export function tellMetCaps(
  context: RunContext,
  outOfRoom: OutOfRoom | null,
  when: 'on the way' | 'at the end' = 'on the way',
): void {
  const { spending, journal } = context;
  if (outOfRoom === null) return;
  const isEverything = outOfRoom.caps.some(({ cap }) => cap.scope.kind === 'all');
  noteStops(context, 'budget', ({ provider }) => isEverything || outOfRoom.providers.has(provider));
  for (const met of outOfRoom.caps) {
    if (spending.metSaid.has(met.cap) || (met.mayReopen && when === 'on the way')) continue;
    spending.metSaid.add(met.cap);
    const everything = met.cap.scope.kind === 'all';
    journal.tell({ type: 'budget:met', cap: met.cap.name, everything, message: metWords(context, met) });
  }
}

/** Whether there is a cap that `tellMetCaps` would say on the way that it is met. */
export function isCapNewlyMet({ spending }: RunContext, outOfRoom: OutOfRoom | null): boolean {
  const caps = outOfRoom?.caps ?? [];
  return caps.some(({ cap, mayReopen }) => !mayReopen && !spending.metSaid.has(cap));
}

function metWords({ store, plan, clock, spending }: RunContext, met: MetCap): string {
  const { cap, leftMicros } = met;
  const unpriced = unpricedAttempts(store, plan, [cap], { nowMs: clock.wallMs() });
  const what = cap.scope.kind === 'all' ? 'no further create leaves' : 'no further create leaves under it';
  if (unpriced.length > 0) return `${what}: ${unpricedAttemptWords(unpriced)}; ${unpricedMend(unpriced)}`;
  const neededMicros = spending.purses?.leastUnder(met) ?? met.neededMicros;
  const needed = `the cheapest job left needs $${formatUsd(neededMicros)}, and it leaves $${formatUsd(leftMicros)}`;
  const elsewhere = spending.purses?.leastElsewhere(met) ?? null;
  const other = elsewhere === null ? '' : `; on another of its routes a job needs $${formatUsd(elsewhere)}`;
  return `${cap.name} is met, and ${what}: ${needed}${other}${countsAnewWords(cap)}`;
}
