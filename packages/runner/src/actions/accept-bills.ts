import type { RouteId } from '@localize/core';
import type { Prices } from '../store/accepted-prices.js';
import { acceptRoute, closedRoutes, type ReopenedRoute } from '../store/closed-routes.js';
import type { JobRow } from '../store/store.js';
import { type ActionContext, unfinishedJobs } from './actions.js';

/** The user has seen what the routes of a job that is held for it bill. */
export function acceptOf({ journal }: ActionContext, { planned }: JobRow): ReopenedRoute[] {
  return planned.choices.flatMap(({ route }) => acceptRoute(journal.store, route) ?? []);
}

/**
 * The same of jobs that wait, which the next run would hold: no route of theirs takes creates. Where nothing else is to be
 * retried, also of those that another route would take, since nothing but what is closed can be meant.
 * @param prices of the batch: what these cover is not closed for it
 */
export function acceptForWaiting(
  context: ActionContext,
  only: (key: string) => boolean,
  { prices, isAllThereIs }: { readonly prices: Prices; readonly isAllThereIs: boolean },
): ReopenedRoute[] {
  const { store } = context.journal;
  const closed = closedRoutes(store, prices);
  if (closed.size === 0) return [];
  const meant = new Set<RouteId>();
  for (const { state, orphaned, planned } of unfinishedJobs(context, only)) {
    if (orphaned || (state !== 'pending' && state !== 'staging')) continue;
    const shut = planned.choices.filter(({ route }) => closed.has(route));
    if (isAllThereIs || shut.length === planned.choices.length) for (const { route } of shut) meant.add(route);
  }
  return [...meant].flatMap((route) => acceptRoute(store, route) ?? []);
}
