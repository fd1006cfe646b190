import { formatUsd } from '@localize/core';
import { createsEnded, type RunContext } from '../run-context.js';
import { beginStop, endStop } from '../store/lane-stops.js';
import type { MetCap, OutOfRoom } from '../store/purses.js';

/**
 * Says once of each cap that nothing that is left fits under it. On the way that is said only where nothing in flight
 * could make room again: what is out there may be refused, fail, or cost less than was reserved for it.
 */
export function tellMetCaps(context: RunContext, when: 'on the way' | 'at the end'): void {
  const { spending, journal } = context;
  if (spending.purses === null || (when === 'on the way' && createsEnded(context))) return;
  const outOfRoom = spending.purses.outOfRoom();
  noteStops(context, outOfRoom);
  for (const met of outOfRoom.caps) {
    if (spending.metSaid.has(met.cap) || (met.mayReopen && when === 'on the way')) continue;
    spending.metSaid.add(met.cap);
    const everything = met.cap.scope.kind === 'all';
    journal.tell({ type: 'budget:met', cap: met.cap.name, everything, message: metWords(met) });
  }
}

/** Whether there is a cap that `tellMetCaps` would say on the way that it is met. */
export function isCapNewlyMet({ spending }: RunContext): boolean {
  const caps = spending.purses?.outOfRoom().caps ?? [];
  return caps.some(({ cap, mayReopen }) => !mayReopen && !spending.metSaid.has(cap));
}

/** Writes down since when the budget has no room for any job of a lane, and until when: reports tell the lost time. */
function noteStops({ spending, store, clock, batchId, lanes }: RunContext, { caps, providers }: OutOfRoom): void {
  const isEverything = caps.some(({ cap }) => cap.scope.kind === 'all');
  for (const { id, provider } of lanes) {
    const isStopped = isEverything || providers.has(provider);
    if (isStopped === spending.stoppedLanes.has(id)) continue;
    const stop = { cause: 'budget', batchId, atMs: clock.wallMs() } as const;
    if (isStopped) beginStop(store, id, stop);
    else endStop(store, id, stop);
    if (isStopped) spending.stoppedLanes.add(id);
    else spending.stoppedLanes.delete(id);
  }
}

/** A run is over, or the one before it was killed: the budget stops no lane of this batch by now. */
export function endBudgetStops({
  store,
  clock,
  batchId,
  lanes,
}: Pick<RunContext, 'store' | 'clock' | 'batchId' | 'lanes'>): void {
  for (const { id } of lanes) endStop(store, id, { cause: 'budget', batchId, atMs: clock.wallMs() });
}

function metWords({ cap, neededMicros, leftMicros }: MetCap): string {
  const what = cap.scope.kind === 'all' ? 'no further create leaves' : 'no further create leaves under it';
  const needed = `the cheapest job left needs $${formatUsd(neededMicros)}, and it leaves $${formatUsd(leftMicros)}`;
  return `${cap.name} is met, and ${what}: ${needed}`;
}
