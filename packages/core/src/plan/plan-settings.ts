import type { ExpandedManifest } from '../manifest/expanded.js';
import type { Manifest } from '../manifest/manifest.js';
import { priceWords } from '../money/price-words.js';
import type { Catalogue, ProviderId, RouteId } from '../provider/route.js';
import { bucketSettings } from './bucket-settings.js';
import { budgetSettings } from './budget-settings.js';
import { withLastingUrls } from './lasting-urls.js';
import type { Plan } from './plan.js';
import { priceWarnings } from './price-warnings.js';
import { configuredPrice, providerFields, providerSettings } from './provider-settings.js';
import { unreachableBucket } from './unreachable-media.js';

/** What the jobs of a plan make use of. */
export interface InUse {
  readonly routes: ReadonlySet<RouteId>;
  readonly providers: ReadonlySet<ProviderId>;
  /** Routes that get local files. */
  readonly fedRoutes: ReadonlySet<RouteId>;
  /** The emulator stands for all providers, and for the bucket. */
  readonly emulates: boolean;
}

/** All of a plan but its jobs: what the manifest and the catalogue say of the batch as a whole, with what is worth saying. */
export function planSettings(
  { manifest, outputDir }: ExpandedManifest,
  catalogue: Catalogue,
  used: InUse,
): Omit<Plan, 'jobs'> {
  const { routes } = catalogue;
  const prices = Object.fromEntries(routes.map((route) => [route.id, configuredPrice(route, manifest)]));
  const providers = settingsOfProviders(manifest, catalogue, used);
  const staging = stagingBucket(manifest, catalogue, used, providers);
  const inUse = routes.filter(({ id }) => used.routes.has(id));
  return {
    batch: manifest.batch,
    emulate: manifest.emulate ?? false,
    providers,
    outputDir,
    onUncertain: manifest.on_uncertain ?? 'hold',
    failoverOnRejection: manifest.failover_on_rejection ?? false,
    budget: budgetSettings(manifest.budget),
    prices,
    staging: staging.bucket,
    delivery: bucketSettings(manifest.output?.s3),
    warnings: [...ownPrices(prices, used.routes), ...priceWarnings(inUse, manifest, routes), ...staging.warnings],
  };
}

function settingsOfProviders(manifest: Manifest, { providers }: Catalogue, used: InUse): Plan['providers'] {
  const wanted = new Set<string>([...Object.keys(manifest.providers ?? {}), ...used.providers]);
  const facts = providers.filter(({ id }) => wanted.has(id));
  return Object.fromEntries(
    facts.map((provider) => [
      provider.id,
      providerSettings(provider, providerFields(manifest, provider.id), manifest.ownSettings?.[provider.id]),
    ]),
  );
}

function stagingBucket(
  manifest: Manifest,
  { routes }: Catalogue,
  { fedRoutes, emulates }: InUse,
  providers: Plan['providers'],
): { readonly bucket: Plan['staging']; readonly warnings: readonly string[] } {
  const fields = manifest.staging?.s3;
  const bucket = bucketSettings(fields);
  if (bucket === null) return { bucket, warnings: [] };
  const fed = routes.filter(({ id }) => fedRoutes.has(id));
  const attempts = fed.map(({ id, provider, timeoutMs }) => ({
    route: id,
    timeoutMs: providers[provider]?.timeoutMs ?? timeoutMs,
  }));
  const longest = attempts.sort((a, b) => b.timeoutMs - a.timeoutMs)[0] ?? null;
  const lasting = withLastingUrls(bucket, fields?.presign, longest);
  const unreachable = emulates ? [] : unreachableBucket(bucket, new Set(fed.map((route) => route.provider)), providers);
  return { bucket: lasting.bucket, warnings: [...(lasting.warning === null ? [] : [lasting.warning]), ...unreachable] };
}

/** A price that overrides the catalogue's decides what every report says, so it is said. */
function ownPrices(prices: Plan['prices'], used: ReadonlySet<RouteId>): string[] {
  return Object.entries(prices).flatMap(([route, price]) =>
    used.has(route) && price.source.kind in SETTERS
      ? [`${route} is priced by ${SETTERS[price.source.kind as keyof typeof SETTERS]}: ${priceWords(price)}`]
      : [],
  );
}

const SETTERS = { manifest: 'the manifest', 'own-settings': 'your own settings' } as const;
