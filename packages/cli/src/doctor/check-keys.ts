import { LocalizeError, type ProviderSettings } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import type { LaneKey } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys } from '../keys/collect-keys.js';
import { loosePermissions } from '../keys/loose-permissions.js';
import type { Secrets } from '../keys/secrets.js';
import { type Finding, fail, ok, warn } from './finding.js';

/** Each key: whether it is set and where, never what it is; whether it may be used, and whether its provider takes it. */
export async function checkKeys(
  settings: readonly ProviderSettings[],
  batch: Pick<LoadedBatch, 'secrets' | 'allowHosts' | 'ownConfig'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { secrets, allowHosts, ownConfig } = batch;
  const set = settings.flatMap(({ id, keys }) => keys.map(({ variable }) => checkKey(id, variable, secrets)));
  const hosts = settings.map((provider) => checkHost(provider, allowHosts, ownConfig));
  const usable = settings.filter((_, index) => hosts[index]?.level === 'ok');
  return [...set, ...hosts, ...(await checkValues(usable, secrets, signal))];
}

/** One secret that a run would use. */
export function checkKey(about: string, variable: string, secrets: Secrets): Finding {
  const origin = secrets.origin(variable);
  if (origin === null) {
    const mend = `set ${variable} in the environment, in .env beside the manifest, or name its file or command`;
    return fail(`${about} key`, `${variable} is not set`, mend);
  }
  const found = `${variable} is set, from ${origin}`;
  const file = secrets.file(variable);
  return file !== null && loosePermissions(file).readable
    ? warn(`${about} key`, `${found}, which others may read`, `chmod 600 ${file}`)
    : ok(`${about} key`, found);
}

/** What only the keys themselves tell. Their commands are run, and each is shown to its own provider alone. */
async function checkValues(
  settings: readonly ProviderSettings[],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Finding[]> {
  const present = settings.map((provider) => ({
    ...provider,
    keys: provider.keys.filter(({ variable }) => secrets.origin(variable) !== null),
  }));
  try {
    const keys = await collectKeys(present, secrets, () => '');
    const asked = keys.map((key) => {
      const provider = settings.find(({ id }) => id === key.provider);
      return provider ? askProvider(key, provider, signal) : [];
    });
    return (await Promise.all(asked)).flat();
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    return [fail('keys', error.message, error.hint ?? '')];
  }
}

/** No prediction has this id. */
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const TIMEOUT_MS = 10_000;

/** Asks after a prediction that cannot be: free, and whether the key or the id is refused tells which was wrong. */
async function askProvider(
  { provider: id, variable, key }: LaneKey,
  { hosts, auth }: ProviderSettings,
  signal: AbortSignal,
): Promise<Finding> {
  const about = `${id} account`;
  const adapter = providers.get(id);
  const route = catalogue.routes.find(({ provider }) => provider === id);
  if (!adapter || !route) throw new Error(`the catalogue has no route of ${id}`);
  const connection = { hosts, auth, key };
  const reply = await adapter.status(route, adapter.referenceFor(route, UNKNOWN_ID), {
    connection,
    signal,
    timeoutMs: TIMEOUT_MS,
  });
  if (reply.state === 'vanished') return ok(about, `${id} takes ${variable}`);
  const failure = 'failure' in reply ? reply.failure : null;
  if (failure?.kind === 'auth') {
    return fail(about, `${id} refuses ${variable}: ${failure.message}`, 'copy the key anew from the provider’s page');
  }
  if (failure?.kind === 'payment') {
    return fail(about, `${id} wants money first: ${failure.message}`, 'top the account up');
  }
  const words = failure?.message ?? `it answered ${reply.state}`;
  return warn(about, `whether ${id} takes ${variable} is not known: ${words}`, 'the first create of a run tells');
}

/** Whether a provider's key may go to its hosts, and who has named these. */
export function checkHost(
  provider: ProviderSettings,
  allowed: readonly string[],
  ownConfig: FoundUserConfig | null,
): Finding {
  const hosts = [...new Set(Object.values(provider.hosts).map(hostOf))].join(', ');
  try {
    checkHosts([provider], catalogue.providers, allowed);
    return ok(`${provider.id} hosts`, `${hosts} may have the key (${hostsOrigin(provider, ownConfig)})`);
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    return fail(`${provider.id} hosts`, error.message, error.hint ?? '');
  }
}

function hostsOrigin({ id, hosts }: ProviderSettings, ownConfig: FoundUserConfig | null): string {
  const usual = catalogue.providers.find((facts) => facts.id === id)?.hosts ?? {};
  const set = Object.keys(hosts).filter((name) => hosts[name] !== usual[name]);
  const own = new Set(Object.keys(ownConfig?.providers[id] ?? {}));
  if (set.length === 0) return 'the provider’s own';
  return set.some((name) => own.has(name)) ? 'your own settings' : 'the manifest';
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
