import { billOf, type Offer, type PlannedJob, type RouteChoice, type RouteId, type UnboughtJob } from '@localize/core';
import type { RouteBlock } from './route-blocks.js';

/** What is in the way of a job's choice; `null`: nothing. */
export type Blocks = (job: PlannedJob, choice: RouteChoice) => RouteBlock | null;

export const NOTHING_BLOCKED: Blocks = () => null;

/** A job that is still to be bought, under routes that may take nothing. */
export interface Unbought extends UnboughtJob {
  /** Why none of its routes takes it; `null` where one may. */
  readonly blocked: (RouteBlock & { readonly route: RouteId }) | null;
}

/** @param left the choices that it may still be bought on */
export function toUnbought(job: PlannedJob, left: readonly RouteChoice[], blocks: Blocks): Unbought {
  const { key, language, labels } = job;
  const offers = left.filter((choice) => blocks(job, choice) === null).map(toOffer);
  const [first] = left;
  const block = first && offers.length === 0 ? blocks(job, first) : null;
  return { key, language, labels, offers, blocked: first && block ? { ...block, route: first.route } : null };
}

function toOffer(choice: RouteChoice): Offer {
  const { micros, certainty } = billOf(choice);
  return { route: choice.route, provider: choice.provider, estimateMicros: micros, certainty };
}
