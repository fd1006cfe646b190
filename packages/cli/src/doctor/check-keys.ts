import { LocalizeError, type ProviderSettings, secret } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import type { LaneKey } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { checkHosts } from '../keys/check-hosts.js';
import { refuseDuplicates } from '../keys/collect-keys.js';
import { loosePermissions } from '../keys/loose-permissions.js';
import type { Secrets } from '../keys/secrets.js';
import { COPY_ANEW, whyNoKey } from '../keys/why-no-key.js';
import { type Finding, fail, ok, warn } from './finding.js';

/**
 * Each key: whether it is set and where, never what it is; whether it may be used, and whether its provider takes it. A
 * key whose provider's hosts may not have it is not read.
 */
export async function checkKeys(
  settings: readonly ProviderSettings[],
  batch: Pick<LoadedBatch, 'secrets' | 'allowHosts' | 'ownConfig'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { secrets, allowHosts, ownConfig } = batch;
  const [found, hosts, keys]: [Finding[], Finding[], LaneKey[]] = [[], [], []];
  for (const provider of settings) {
    const host = checkHost(provider, allowHosts, ownConfig);
    hosts.push(host);
    // One after the other: a command may ask its user something.
    for (const { variable, account } of provider.keys) {
      const about = `${provider.id} key`;
      const key = host.level === 'ok' ? await readKey(about, variable, secrets) : checkKey(about, variable, secrets);
      found.push('finding' in key ? key.finding : key);
      if ('value' in key) keys.push({ provider: provider.id, variable, account, key: secret(key.value) });
    }
  }
  const asked = await askProviders(keys, settings, signal);
  // Who was interrupted, by a command that takes its time for instance, has asked nobody to the end.
  signal.throwIfAborted();
  return [...found, ...hosts, ...asked];
}

/** One secret that a run would use, as far as it can be told without reading it. */
export function checkKey(about: string, variable: string, secrets: Secrets): Finding {
  const origin = secrets.origin(variable);
  if (origin === null) {
    const mend = `set ${variable} in the environment, in .env beside the manifest, or name its file or command`;
    return fail(about, `${variable} is not set`, mend);
  }
  const found = `${variable} is set, from ${origin}`;
  const file = secrets.file(variable);
  return file !== null && loosePermissions(file).readable
    ? warn(about, `${found}, which others may read`, `chmod 600 ${file}`)
    : ok(about, found);
}

/** The same of a key that may be read: its file may not be there, its command may fail. */
async function readKey(
  about: string,
  variable: string,
  secrets: Secrets,
): Promise<Finding | { finding: Finding; value: string }> {
  const finding = checkKey(about, variable, secrets);
  if (finding.level === 'fail') return finding;
  try {
    const value = await secrets.read(variable);
    const why = value === undefined ? null : whyNoKey(variable, value);
    if (why !== null) return fail(about, `${variable} ${why} (${secrets.origin(variable)})`, COPY_ANEW);
    return value === undefined ? finding : { finding, value };
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    const mend =
      secrets.file(variable) === null
        ? 'run that command yourself: it must print the key and nothing else'
        : 'check that path, and that you may read it: it must hold the key and nothing else';
    return fail(about, `${error.message} (${secrets.origin(variable)})`, mend);
  }
}

async function askProviders(
  keys: readonly LaneKey[],
  settings: readonly ProviderSettings[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const asked = await Promise.all(
    keys.flatMap((key) => {
      const provider = settings.find(({ id }) => id === key.provider);
      return provider ? askProvider(key, provider, signal) : [];
    }),
  );
  try {
    refuseDuplicates(keys);
    return asked;
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    return [...asked, fail('keys', error.message, error.hint ?? '')];
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
    return fail(about, `${id} refuses ${variable}: ${failure.message}`, COPY_ANEW);
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
