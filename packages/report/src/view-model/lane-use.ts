/** A stretch of time in which an attempt took a slot of its lane. */
export interface Taken {
  readonly startMs: number;
  readonly endMs: number;
}

/** Time that slots were taken, over the time that the lane had any work times its slots: from 0 to 1. Sorted by start. */
export function slotUse(taken: readonly Taken[], slots: number): number {
  let used = 0;
  let busy = 0;
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs } of taken) {
    used += endMs - startMs;
    busy += Math.max(0, endMs - Math.max(startMs, busyUntil));
    busyUntil = Math.max(busyUntil, endMs);
  }
  return busy === 0 ? 0 : Math.min(1, used / (busy * slots));
}

/** The most creates that were sent within any stretch of `perMs`. */
export function mostCreates(sentAtMs: readonly number[], perMs: number): number {
  const sorted = [...sentAtMs].sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [last, atMs] of sorted.entries()) {
    while (atMs - (sorted[first] ?? atMs) >= perMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
