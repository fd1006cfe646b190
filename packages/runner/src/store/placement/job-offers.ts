import {
  billOf,
  type JobsUnderCaps,
  type Offer,
  type PlannedJob,
  type RouteChoice,
  type RouteId,
  type UnboughtJob,
} from '@localize/core';
import type { Purchases } from '../../content/alike-jobs.js';
import type { RouteBlock } from '../money/route-blocks.js';

/** What is in the way of a job's choice; `null`: nothing. */
export type Blocks = (job: PlannedJob, choice: RouteChoice) => RouteBlock | null;

export const NOTHING_BLOCKED: Blocks = () => null;

/** A job that is still to be bought, under routes that may take nothing. */
export interface JobOffers extends UnboughtJob {
  /** Where it would be bought if nothing were in the way. */
  readonly first: Offer | null;
  /** Why none of its routes takes it; `null` where one may. */
  readonly blocked: (RouteBlock & { readonly route: RouteId }) | null;
}

/** @param left the choices that it may still be bought on */
export function offersOf(job: PlannedJob, left: readonly RouteChoice[], blocks: Blocks): JobOffers {
  const { key, language, labels } = job;
  const offers = left.filter((choice) => blocks(job, choice) === null).map(toOffer);
  const [first] = left;
  const block = first && offers.length === 0 ? blocks(job, first) : null;
  const own = first === undefined ? null : toOffer(first);
  return {
    key,
    language,
    labels,
    first: own,
    offers,
    blocked: first && block ? { ...block, route: first.route } : null,
  };
}

/**
 * The route that a job is placed on; `null`: it stays at its first one, since none can take it, or since a cap counts that
 * and its price must be known: a run refuses to begin.
 * @param route that the caps let it go to
 */
export function assignedRoute({ first, offers }: JobOffers, route: RouteId | null): RouteId | null {
  const isRefused = first?.estimateMicros === null && route !== first.route && offers[0]?.route === first.route;
  return isRefused ? null : route;
}

/** Buys jobs, in their order, as far as the caps have room. */
export function purchasesUnder<T>(outlook: JobsUnderCaps, offersFor: (job: T) => JobOffers): Purchases<T> {
  return {
    routeFor: (job) => outlook.routeFor(offersFor(job)),
    buy(job) {
      const unbought = offersFor(job);
      const route = assignedRoute(unbought, outlook.place(unbought)) ?? unbought.first?.route ?? null;
      const waits = unbought.blocked !== null || outlook.waitOf(unbought.key) !== undefined;
      return waits ? null : route;
    },
    inTheWay(job) {
      const unbought = offersFor(job);
      return unbought.blocked === null ? outlook.capsInTheWay(unbought) : Number.POSITIVE_INFINITY;
    },
  };
}

function toOffer(choice: RouteChoice): Offer {
  const { micros, certainty } = billOf(choice);
  return { route: choice.route, provider: choice.provider, estimateMicros: micros, certainty };
}
