import type { LimitSources } from '../limits/lane-limits.js';
import type { Manifest, PriceFields, ProviderFields } from '../manifest/manifest.js';
import type { Micros } from '../money/money.js';
import type { PriceFormula, Source } from '../money/price.js';
import type { Catalogue, ProviderFacts, ProviderId, Route } from '../provider/route.js';
import type { ProviderSettings } from './plan.js';

/** The account of keys that name none, at a provider whose keys all draw on one. */
export const SHARED_ACCOUNT = 'shared';

/** One provider's settings, merged by {@link providerFields}: the user's `own`, then the manifest's, then its tier's, then the catalogue's. */
export function providerSettings(
  facts: ProviderFacts,
  fields: ProviderFields = {},
  own: ProviderFields = {},
): ProviderSettings {
  const tier = fields.tier === undefined ? undefined : facts.tiers[fields.tier];
  const known = tier ?? facts.limits;
  const { creates, per, concurrent } = fields.limits ?? {};
  return {
    id: facts.id,
    keys: (fields.keys ?? [{ env: facts.keyVariable, account: null }]).map(({ env, account }) => ({
      variable: env,
      account: account ?? (facts.keysAre === 'shared' ? SHARED_ACCOUNT : null),
    })),
    hosts: Object.fromEntries(Object.entries(facts.hosts).map(([name, url]) => [name, hostIn(fields, name) ?? url])),
    auth: fields.auth ?? facts.auth[0] ?? '',
    limits: {
      creates: creates ?? known.creates,
      perMs: per ?? known.perMs,
      concurrent: concurrent ?? known.concurrent,
    },
    limitsFrom: limitSources(facts, fields, own),
    poll: { firstMs: fields.poll?.first ?? null, everyMs: fields.poll?.every ?? null },
    timeoutMs: fields.timeout ?? null,
  };
}

/** Whether the catalogue only assumes one of the limits. */
export function areLimitsAssumed({ limitsFrom }: Pick<ProviderSettings, 'limitsFrom'>): boolean {
  return Object.values(limitsFrom).includes('assumed');
}

function limitSources(facts: ProviderFacts, { tier, limits }: ProviderFields, own: ProviderFields): LimitSources {
  const known = facts.limits.source.kind === 'assumed' ? 'assumed' : 'default';
  const named = own.tier === undefined ? (`tier ${tier}` as const) : (`own tier ${tier}` as const);
  const beneath = tier !== undefined && facts.tiers[tier] !== undefined ? named : known;
  const sourceOf = (name: 'creates' | 'per' | 'concurrent') => {
    if (own.limits?.[name] !== undefined) return 'own settings';
    return limits?.[name] === undefined ? beneath : 'manifest';
  };
  return { creates: sourceOf('creates'), perMs: sourceOf('per'), concurrent: sourceOf('concurrent') };
}

/** What is set for a provider: the user's own settings, then the manifest's. */
export function providerFields({ providers, ownSettings }: Manifest, id: ProviderId): ProviderFields | undefined {
  const written = providers?.[id];
  const own = ownSettings?.[id];
  if (own === undefined) return written;
  const merged = { ...written, ...defined(own) };
  return {
    ...merged,
    // A tier of the user's own also goes before limits that the manifest spells out.
    limits: { ...(own.tier === undefined ? written?.limits : {}), ...defined(own.limits ?? {}) },
    poll: { ...written?.poll, ...defined(own.poll ?? {}) },
  };
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function hostIn(fields: ProviderFields, name: string): string | undefined {
  return fields[name as `${string}_url`];
}

/** The route's price, or what the user's own settings or the manifest say that the account pays. */
export function configuredPrice(route: Route, manifest: Manifest): PriceFormula {
  const isOwn = manifest.ownSettings?.[route.provider]?.price !== undefined;
  return priceOf(route, providerFields(manifest, route.provider)?.price, isOwn ? OWN_SETTINGS : MANIFEST);
}

function priceOf(route: Route, price: PriceFields | undefined, source: Source): PriceFormula {
  if (price === undefined) return route.price;
  if (price.usd_per_second !== undefined) {
    const rates = ratesOf(route, price.usd_per_second);
    return rates === null ? route.price : perSecond(route, price, rates, source);
  }
  // Where a reply states what a job costs, the amount is the least of it; elsewhere it is what is billed.
  const kind = route.price.kind === 'floor' ? 'floor' : 'per-job';
  if (price.usd_per_job !== undefined) return { kind, micros: price.usd_per_job, source };
  return price.minimum_seconds !== undefined && route.price.kind === 'per-second'
    ? { ...route.price, minimumSeconds: price.minimum_seconds, source }
    : route.price;
}

/** What a user writes carries no date of its own. */
const MANIFEST: Source = { kind: 'manifest', text: 'price in the manifest', date: '' };
const OWN_SETTINGS: Source = { kind: 'own-settings', text: 'price in your own settings', date: '' };

/**
 * What is set by resolution, with the catalogue's for what is not.
 * @returns `null` where none of it is a resolution of the route
 */
function ratesOf(
  { resolutions, price }: Route,
  rate: NonNullable<PriceFields['usd_per_second']>,
): Record<string, Micros> | null {
  if (typeof rate !== 'object') return { any: rate };
  const own = definedOnly(rate);
  if (!resolutions?.some((each) => own[each] !== undefined)) return null;
  return { ...(price.kind === 'per-second' && price.microsPerSecond), ...own };
}

function perSecond(
  route: Route,
  price: PriceFields,
  microsPerSecond: Record<string, Micros>,
  source: Source,
): PriceFormula {
  const known = route.price.kind === 'per-second' ? route.price : { minimumSeconds: 0 };
  const minimumMicros = price.usd_per_job ?? leastOf(route.price);
  return {
    kind: 'per-second',
    microsPerSecond,
    minimumSeconds: price.minimum_seconds ?? known.minimumSeconds,
    ...('maximumSeconds' in known && { maximumSeconds: known.maximumSeconds }),
    ...(minimumMicros !== undefined && { minimumMicros }),
    source,
  };
}

/** What a job costs at least by the route's known price. */
function leastOf(price: PriceFormula): Micros | undefined {
  switch (price.kind) {
    case 'floor':
      return price.micros;
    case 'per-second':
      return price.minimumMicros;
    default:
      return undefined;
  }
}

function definedOnly(rates: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(Object.entries(rates).filter((entry): entry is [string, number] => entry[1] !== undefined));
}

/** Providers with a section in the manifest, in catalogue order; all of them when there is no section. */
export function configuredProviders(manifest: Manifest, catalogue: Catalogue): ProviderFacts[] {
  const sections = manifest.providers ?? {};
  const configured = catalogue.providers.filter((facts) => sections[facts.id] !== undefined);
  return configured.length > 0 ? configured : [...catalogue.providers];
}
