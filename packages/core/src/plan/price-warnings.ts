import type { Manifest, PriceFields } from '../manifest/manifest.js';
import type { PriceFormula } from '../money/price.js';
import { priceWords } from '../money/price-words.js';
import type { Route } from '../provider/route.js';
import { orList } from '../text/words.js';
import { configuredPrice, providerFields } from './provider-settings.js';

/** What of the prices that are set has no effect on these routes, and where it leaves one without a price; each said once. */
export function priceWarnings(inUse: readonly Route[], manifest: Manifest, all: readonly Route[]): string[] {
  const words = inUse.flatMap((route) => {
    const fields = providerFields(manifest, route.provider)?.price;
    if (fields === undefined) return [];
    const price = configuredPrice(route, manifest);
    if (price === route.price) return unusedWords(route, fields);
    const routes = all.filter(({ provider }) => provider === route.provider);
    return [...idleMinimum(route, fields), ...strayRates(routes, fields), ...gaps(route, price)].map(
      (text) => `providers.${route.provider}.price${text}`,
    );
  });
  return [...new Set(words)];
}

/** It leaves the route at its known price. */
function unusedWords({ id, provider, price }: Route, fields: PriceFields): string {
  const known = `its price is ${priceWords(price)}`;
  const { usd_per_second: rates, minimum_seconds: minimum } = fields;
  const isBare = typeof rates === 'object' ? Object.keys(rates).length === 0 : minimum === undefined;
  if (isBare) return `providers.${provider}.price sets no price for ${id}: ${known}`;
  const why = rates === undefined ? 'it has no price a second to be the least of' : 'it has none of those resolutions';
  return `providers.${provider}.price does not fit ${id}, since ${why}: ${known}`;
}

function idleMinimum({ id }: Route, { usd_per_second, usd_per_job, minimum_seconds }: PriceFields): string[] {
  if (minimum_seconds === undefined || usd_per_job === undefined || usd_per_second !== undefined) return [];
  return [`.minimum_seconds has no effect on ${id}, whose price is for a job of any length`];
}

/** Resolutions that none of the provider's routes has. */
function strayRates(routes: readonly Route[], { usd_per_second: rates }: PriceFields): string[] {
  if (typeof rates !== 'object') return [];
  const stray = Object.keys(rates).filter(
    (name) => rates[name] !== undefined && !routes.some(({ resolutions }) => resolutions?.includes(name)),
  );
  return stray.map((name) => `.usd_per_second.${name} has no effect: no route there makes ${name}`);
}

/** A known price of another kind says nothing of the resolutions that are left out. */
function gaps({ id, resolutions }: Route, price: PriceFormula): string[] {
  if (price.kind !== 'per-second' || price.microsPerSecond.any !== undefined) return [];
  const without = (resolutions ?? []).filter((name) => price.microsPerSecond[name] === undefined);
  if (without.length === 0) return [];
  return [`.usd_per_second leaves ${id} without a price at ${orList(without)}`];
}
