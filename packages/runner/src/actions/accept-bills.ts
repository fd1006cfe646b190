import { jobsMeant, type Plan, type RouteId } from '@localize/core';
import { acceptRoute, closedRoutes, type ReopenedRoute } from '../store/money/closed-routes.js';
import type { JobRow, Store } from '../store/store.js';
import { type ActionContext, unfinishedJobs } from './actions.js';

/** The user has seen what the routes of a job that is held for it bill. */
export function acceptOf({ journal }: ActionContext, { planned }: JobRow): ReopenedRoute[] {
  return planned.choices.flatMap(({ route }) => acceptRoute(journal.store, route) ?? []);
}

/**
 * The same of jobs that wait, which the next run would hold: no route of theirs takes creates. Where nothing else is to be
 * retried, also of those that another route would take, since nothing but what is closed can be meant; and where none waits
 * of all that the batch asks for, as it is said to whoever looks at it.
 * @param plan by whose prices a route is closed or not
 */
export function acceptForWaiting(
  context: ActionContext,
  only: (key: string) => boolean,
  { plan, isAllThereIs }: { readonly plan: Pick<Plan, 'jobs' | 'prices'>; readonly isAllThereIs: boolean },
): ReopenedRoute[] {
  const { store } = context.journal;
  const closed = closedRoutes(store, plan.prices);
  if (closed.size === 0) return [];
  const meant = new Set<RouteId>();
  for (const { state, orphaned, planned } of unfinishedJobs(context, only)) {
    if (orphaned || (state !== 'pending' && state !== 'staging')) continue;
    const shut = planned.choices.filter(({ route }) => closed.has(route));
    if (isAllThereIs || shut.length === planned.choices.length) for (const { route } of shut) meant.add(route);
  }
  if (isAllThereIs && meant.size === 0) return acceptForPlan(store, plan, only);
  return acceptEach(store, meant);
}

/** The same of all jobs of a plan, whether the state has met them or not. */
export function acceptForPlan(
  store: Store,
  { jobs, prices }: Pick<Plan, 'jobs' | 'prices'>,
  only: (key: string) => boolean,
): ReopenedRoute[] {
  const closed = closedRoutes(store, prices);
  if (closed.size === 0) return [];
  const meant = new Set<RouteId>();
  for (const { choices } of jobsMeant(jobs, only))
    for (const { route } of choices) if (closed.has(route)) meant.add(route);
  return acceptEach(store, meant);
}

function acceptEach(store: Store, routes: Iterable<RouteId>): ReopenedRoute[] {
  return [...routes].flatMap((route) => acceptRoute(store, route) ?? []);
}
