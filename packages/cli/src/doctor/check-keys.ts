import { LocalizeError, type ProviderSettings } from '@localize/core';
import { catalogue } from '@localize/providers';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys } from '../keys/collect-keys.js';
import { originOf, readEnvironment, type Variables } from '../keys/read-environment.js';
import { type Finding, fail, ok } from './finding.js';

export interface KeySource {
  /** `.env` beside it is read. */
  readonly manifestPath: string;
  readonly variables: Variables;
  readonly allowHosts: readonly string[];
}

/** Each key: whether it is set and where, never what it is; and whether its hosts may have it. */
export function checkKeys(settings: readonly ProviderSettings[], source: KeySource): Finding[] {
  return [
    ...settings.flatMap((provider) => provider.keys.map(({ variable }) => checkKey(provider.id, variable, source))),
    ...checkDuplicates(settings, source),
    ...settings.map((provider) => checkHost(provider, source.allowHosts)),
  ];
}

function checkKey(provider: string, variable: string, { manifestPath, variables }: KeySource): Finding {
  const origin = originOf(variable, manifestPath, variables);
  return origin === null
    ? fail(
        `${provider} key`,
        `${variable} is not set`,
        `set ${variable} in the environment or in .env beside the manifest`,
      )
    : ok(`${provider} key`, `${variable} is set, from ${origin}`);
}

function checkDuplicates(settings: readonly ProviderSettings[], { manifestPath, variables }: KeySource): Finding[] {
  try {
    collectKeys(settings, readEnvironment(manifestPath, variables));
    return [];
  } catch (error) {
    if (!(error instanceof LocalizeError) || error.code !== 'KEY_DUPLICATE') return [];
    return [fail('keys', error.message, error.hint ?? '')];
  }
}

/** Whether a provider's key may go to the hosts that the manifest names. */
export function checkHost(provider: ProviderSettings, allowed: readonly string[]): Finding {
  const hosts = [...new Set(Object.values(provider.hosts).map(hostOf))].join(', ');
  try {
    checkHosts([provider], catalogue.providers, allowed);
    return ok(`${provider.id} hosts`, `${hosts} may have the key`);
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    return fail(`${provider.id} hosts`, error.message, error.hint ?? '');
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
