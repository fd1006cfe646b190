import { type HoldReason, isTakenUpAgain, type RouteId } from '@localize/core';

/** What a run buys on: its routes. */
interface Routed {
  readonly choices: readonly { readonly route: RouteId }[];
}

/**
 * Whether the next run takes up a job that is held, to buy it like one that waits: what held it may be over, and after a
 * bill that was too high one of its routes is open, as by a new price or since somebody has accepted the bill.
 * @param closed the routes that are closed for its batch
 */
export function isTakenUpNow(
  reason: HoldReason | null,
  { choices }: Routed,
  closed: { has: (route: RouteId) => boolean },
): boolean {
  if (reason === null || !isTakenUpAgain(reason)) return false;
  return reason !== 'price-risen' || choices.some(({ route }) => !closed.has(route));
}
