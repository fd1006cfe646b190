import {
  count,
  estimatePrice,
  fewOf,
  type Micros,
  type Plan,
  type PlannedJob,
  plainText,
  type QuoteResult,
  type RouteChoice,
  type RouteId,
} from '@localize/core';
import { providers } from '@localize/providers';

/** A route that a job to buy may go to, at our price. */
export interface PricedOffer {
  readonly job: PlannedJob;
  readonly choice: RouteChoice;
  /** The job is bought there; else it is a runner-up. */
  readonly isChosen: boolean;
}

/** A question to a provider's price list, and for which jobs it was asked. */
export interface Asked {
  readonly route: RouteId;
  readonly resolution: string | null;
  readonly offers: readonly PricedOffer[];
  readonly result: QuoteResult;
}

/** One figure of ours beside the provider's. */
export interface ComparedPrice {
  readonly route: RouteId;
  /** Some job is bought there; else it is a runner-up alone. */
  readonly isChosen: boolean;
  /** `keynote/de`, `the least that a job costs at 480p`, `a second of output` */
  readonly what: string;
  /** `null`: we know none. */
  readonly oursMicros: Micros | null;
  readonly theirsMicros: Micros;
  /** Theirs less ours; `null` where ours is unknown. */
  readonly driftMicros: Micros | null;
}

export interface Quotes {
  readonly compared: readonly ComparedPrice[];
  /** What could not be compared, and why. */
  readonly unknown: readonly string[];
}

/** @param unread keys of jobs that are left out, since a file of theirs cannot be read */
export function compareQuotes(
  plan: Plan,
  offers: readonly PricedOffer[],
  asked: readonly Asked[],
  unread: readonly string[],
): Quotes {
  const compared = asked.flatMap((each) => comparePrice(plan, each));
  const unknown = [...asked.flatMap(unanswered), ...byRate(asked), ...byLeast(asked), ...unknowns(offers, unread)];
  return {
    // A price list without jobs says the same of each of them.
    compared: [...new Map(compared.map((each) => [`${each.route} ${each.what}`, each])).values()],
    unknown: [...new Set(unknown)],
  };
}

function unanswered({ route, result }: Asked): string[] {
  return result.state === 'unanswered' ? [`${route} got no quote: ${plainText(result.failure.message)}`] : [];
}

function comparePrice({ prices }: Plan, { route, resolution, offers, result }: Asked): ComparedPrice[] {
  if (result.state !== 'quoted') return [];
  const formula = prices[route];
  const oursMicros = ours();
  const driftMicros = oursMicros === null ? null : result.micros - oursMicros;
  const isChosen = offers.some((offer) => offer.isChosen);
  return [{ route, isChosen, what: what(), oursMicros, theirsMicros: result.micros, driftMicros }];

  function ours(): Micros | null {
    if (result.state !== 'quoted' || formula === undefined) return null;
    if (result.of === 'job') return offers[0]?.choice.estimate.micros ?? null;
    if (result.of === 'minimum') return estimatePrice(formula, { billedMs: 0, resolution, frames: null }).micros;
    if (formula.kind === 'per-frame') return formula.microsPerSecond;
    if (formula.kind !== 'per-second') return null;
    return formula.microsPerSecond[resolution ?? 'any'] ?? formula.microsPerSecond.any ?? null;
  }

  function what(): string {
    const at = resolution === null ? '' : ` at ${resolution}`;
    if (result.state === 'quoted' && result.of === 'job') return plainText(offers[0]?.job.key ?? '');
    return result.state === 'quoted' && result.of === 'minimum' ? `the least that a job costs${at}` : `a second${at}`;
  }
}

/** A rate without the surcharges and minima that our formula adds to it. */
function byRate(asked: readonly Asked[]): string[] {
  return [...jobsQuoted(asked, 'second')].map(
    ([route, jobs]) => `${route} has ${count(jobs, 'job')} compared by rate alone: its price list knows no jobs`,
  );
}

/** The least that a job costs stays the same when the rate behind it drifts. */
function byLeast(asked: readonly Asked[]): string[] {
  return [...jobsQuoted(asked, 'minimum')].map(
    ([route, jobs]) =>
      `${route}’s rate a second, for ${count(jobs, 'job')}: asked without URLs of the media, its price list says only the least that one costs`,
  );
}

/** How many jobs of each route have a quote of that kind alone. */
function jobsQuoted(asked: readonly Asked[], of: 'second' | 'minimum'): Map<RouteId, number> {
  const jobs = new Map<RouteId, number>();
  for (const { route, offers, result } of asked) {
    if (result.state === 'quoted' && result.of === of) jobs.set(route, (jobs.get(route) ?? 0) + offers.length);
  }
  return jobs;
}

function unknowns(offers: readonly PricedOffer[], unread: readonly string[]): string[] {
  const unprobed = offers.filter(({ job, isChosen }) => isChosen && job.durationMs === null).map(({ job }) => job.key);
  const lengthless = [...unread, ...unprobed].map((key) => plainText(key));
  const routes = [...new Set(offers.map(({ choice }) => choice.route))];
  const silent = routes.filter((route) => !canQuote(route));
  const priceless = offers.filter(({ choice }) => choice.estimate.micros === null);
  const unpriced = routes.filter((route) => priceless.some(({ choice }) => choice.route === route));
  return [
    ...(lengthless.length > 0 ? [`no length is known of ${fewOf(lengthless)}, so neither is a price`] : []),
    ...unpriced.map((route) => `${route} has jobs without a known price: set providers.${providerIn(route)}.price`),
    ...silent.map((route) => `${route}: its provider quotes no prices`),
  ];
}

export function canQuote(route: RouteId): boolean {
  return providers.get(providerIn(route))?.quote !== undefined;
}

export function providerIn(route: RouteId): string {
  return route.split('/')[0] ?? route;
}
