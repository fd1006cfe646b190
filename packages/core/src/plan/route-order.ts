import type { Manifest } from '../manifest/manifest.js';
import { CHEAPEST } from '../manifest/provider-field.js';
import type { Catalogue, ProviderFacts, Route } from '../provider/route.js';
import type { RouteChoice } from './plan.js';
import { configuredPrice, configuredProviders, providerFields } from './provider-settings.js';
import type { ConfiguredRoute } from './route-fit.js';

/** Routes that one word of `provider:` stands for. */
export interface RouteGroup {
  readonly routes: readonly ConfiguredRoute[];
  /** A route that is named itself is meant, so that it is worth saying why it does not fit. */
  readonly named: boolean;
  readonly byPrice: boolean;
  /** Routes that `cheapest` would stand for too, if `providers:` named them or nothing at all. */
  readonly leftOut: readonly ConfiguredRoute[];
}

/** What `provider:` stands for, worked out once for each list. */
export function createRouteOrder(manifest: Manifest, catalogue: Catalogue, staged: boolean) {
  const uploads = new Map(catalogue.providers.map(({ id, upload }) => [id, uploadBytes(upload)]));
  const configured = new Map(
    catalogue.routes.map((route) => [
      route.id,
      configureRoute(route, manifest, staged ? Infinity : (uploads.get(route.provider) ?? 0)),
    ]),
  );
  const known = new Map<string, readonly RouteGroup[]>();

  return (preference: readonly string[]): readonly RouteGroup[] => {
    const key = preference.join(' ');
    let groups = known.get(key);
    if (groups === undefined) {
      groups = withoutRepeats(preference.map(groupOf));
      known.set(key, groups);
    }
    return groups;
  };

  function groupOf(word: string): RouteGroup {
    if (word === CHEAPEST) {
      const providers = new Set(configuredProviders(manifest, catalogue).map((facts) => facts.id));
      const isConfigured = (route: Route) => providers.has(route.provider);
      const leftOut = routesWhere((route) => !isConfigured(route));
      return { routes: routesWhere(isConfigured), named: false, byPrice: true, leftOut };
    }
    const named = word.includes('/');
    const routes = routesWhere((route) => (named ? route.id : route.provider) === word);
    return { routes, named, byPrice: false, leftOut: [] };
  }

  function routesWhere(matches: (route: Route) => boolean): ConfiguredRoute[] {
    return catalogue.routes.filter(matches).flatMap((route) => configured.get(route.id) ?? []);
  }
}

/** The largest file that a provider's own upload takes. */
function uploadBytes(upload: ProviderFacts['upload']): number {
  return upload === null ? 0 : (upload.maximumBytes ?? Infinity);
}

function configureRoute(route: Route, manifest: Manifest, maximumFileBytes: number): ConfiguredRoute {
  const fields = providerFields(manifest, route.provider);
  return {
    route,
    price: configuredPrice(route, manifest),
    maximumFrames: fields?.max_frames ?? null,
    maximumFileBytes,
  };
}

function withoutRepeats(groups: readonly RouteGroup[]): RouteGroup[] {
  const seen = new Set<string>();
  return groups.map((group) => ({
    ...group,
    routes: group.routes.filter(({ route }) => !seen.has(route.id) && seen.add(route.id)),
  }));
}

const RANK = { exact: 0, seen: 0, floor: 1, unknown: 2 } as const;

/** The same choices, those that go by price in its order. The choices themselves where that is theirs already. */
export function inOrderOfPrice(choices: readonly RouteChoice[]): readonly RouteChoice[] {
  const sorted = choices.filter(({ byPrice }) => byPrice).sort(byEstimate);
  let next = 0;
  const ordered = choices.map((choice) => (choice.byPrice ? (sorted[next++] ?? choice) : choice));
  return ordered.every((choice, index) => choice === choices[index]) ? choices : ordered;
}

/** Cheapest first; a price of which only a minimum is known comes after exact ones, an unknown one last. */
function byEstimate(a: RouteChoice, b: RouteChoice): number {
  const rank = RANK[a.estimate.certainty] - RANK[b.estimate.certainty];
  return rank !== 0 ? rank : (a.estimate.micros ?? 0) - (b.estimate.micros ?? 0);
}
