import type { Lane } from '../lanes/lane.js';
import type { RunContext } from '../run-context.js';
import { beginStop, endStop, endUploadRests } from '../store/lanes/lane-stops.js';

/** What stops the creates of this batch alone; by cause the ids of the lanes that it stops now. */
export type OwnStops = Readonly<Record<'budget' | 'twin', Set<number>>>;

/** Writes down since when something keeps the batch from a lane, and until when: reports tell the lost time. */
export function noteStops(
  { ownStops, store, clock, batchId, lanes }: RunContext,
  cause: keyof OwnStops,
  isStopped: (lane: Lane) => boolean,
): void {
  const known = ownStops[cause];
  for (const lane of lanes) {
    const isNow = isStopped(lane);
    if (isNow === known.has(lane.id)) continue;
    const stop = { cause, batchId, atMs: clock.wallMs() };
    if (isNow) beginStop(store, lane.id, stop);
    else endStop(store, lane.id, stop);
    if (isNow) known.add(lane.id);
    else known.delete(lane.id);
  }
}

/** A run is over, or the one before it was killed: nothing of this batch's own stops its lanes by now. */
export function endOwnStops({
  store,
  clock,
  batchId,
  lanes,
}: Pick<RunContext, 'store' | 'clock' | 'batchId' | 'lanes'>): void {
  const atMs = clock.wallMs();
  for (const { id } of lanes) {
    for (const cause of CAUSES) endStop(store, id, { cause, batchId, atMs });
    endUploadRests(store, id, batchId, atMs);
  }
}

const CAUSES: readonly (keyof OwnStops)[] = ['budget', 'twin'];
