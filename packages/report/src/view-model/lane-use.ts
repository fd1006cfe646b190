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

/** How many slots were taken, as a step from each moment on; the last is 0. */
export interface OpenStep {
  readonly atMs: number;
  readonly open: number;
}

/** The taken slots over time. */
export function openSteps(taken: readonly Taken[]): OpenStep[] {
  const changes = taken.flatMap(({ startMs, endMs }) => [
    { atMs: startMs, by: 1 },
    { atMs: endMs, by: -1 },
  ]);
  // At one moment an end makes room before a start takes it.
  changes.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  const steps: { atMs: number; open: number }[] = [];
  let open = 0;
  for (const { atMs, by } of changes) {
    open += by;
    const last = steps.at(-1);
    if (last?.atMs === atMs) last.open = open;
    else steps.push({ atMs, open });
  }
  return steps;
}
