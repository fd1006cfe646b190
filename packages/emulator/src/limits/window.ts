import type { ProviderLimits } from '../options.js';

/**
 * Whether a create that arrived now may pass a sliding window: fewer than `creates` others lie in the `perMs` before
 * it. Returns null when it may, else the milliseconds until the oldest of them has left the window.
 */
export function windowWaitMs(limits: ProviderLimits, arrivals: readonly number[], arrivedAt: number): number | null {
  if (limits.creates === null) return null;
  const inside = arrivals.filter((at) => at > arrivedAt - limits.perMs).sort((a, b) => a - b);
  if (inside.length < limits.creates) return null;
  const leaves = inside[inside.length - limits.creates] as number;
  return Math.max(1, leaves + limits.perMs - arrivedAt);
}
