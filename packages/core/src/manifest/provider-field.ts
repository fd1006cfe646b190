import type { Catalogue } from '../provider/route.js';
import { nearestWord } from '../text/nearest.js';
import { orList } from '../text/words.js';
import { quote, scalar, wrongType } from './fields/scalar.js';

/** Stands for the routes of all configured providers, cheapest first. */
export const CHEAPEST = 'cheapest';

/** A provider id, a route id, or `cheapest`. */
export function providerField(catalogue: Catalogue) {
  const providers = catalogue.providers.map((provider) => provider.id);
  const routes = catalogue.routes.map((route) => route.id);
  const known = [...providers, ...routes, CHEAPEST];
  const expected = `a provider (${orList(providers)}), a route such as ${routes[0]}, or ${CHEAPEST}`;
  return scalar<string>(expected, { type: 'string', enum: known }, (value) => {
    if (typeof value !== 'string' || value === '') return wrongType(value, expected);
    if (known.includes(value)) return { value };
    const kind = value.includes('/') ? 'route' : 'provider';
    return { problem: `names an unknown ${kind}, ${quote(value)}`, expected: hint(value), code: 'UNKNOWN_PROVIDER' };
  });

  function hint(value: string): string {
    const nearest = nearestWord(value, known) ?? nearestWord(value.split('/')[0] ?? '', providers);
    if (value.includes('/')) {
      const siblings = routes.filter((route) => route.split('/')[0] === (nearest ?? value).split('/')[0]);
      const list = orList(siblings.length > 0 ? siblings : routes);
      return nearest?.includes('/') ? `did you mean ${nearest}?` : list;
    }
    return nearest === null ? expected : `did you mean ${nearest}?`;
  }
}
