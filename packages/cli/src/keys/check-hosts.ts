import { LocalizeError, type ProviderFacts, type ProviderSettings } from '@localize/core';
import type { ShowPlaces } from './collect-keys.js';

/**
 * Lets a key go only to its provider's own hosts, to loopback, or to a host that the command line allows: a manifest is
 * edited by many people, and one changed line must not send a key elsewhere. Plain http only on loopback.
 * @throws LocalizeError HOST_NOT_ALLOWED, naming every such host at once
 */
export function checkHosts(
  settings: readonly ProviderSettings[],
  facts: readonly ProviderFacts[],
  allowed: readonly string[],
  show: ShowPlaces = () => '',
): void {
  const refusals = settings.flatMap((provider) => {
    const own = facts.find(({ id }) => id === provider.id)?.ownHosts ?? [];
    return Object.entries(provider.hosts).flatMap(([name, url]) => {
      const refusal = refusalOf(`${provider.id}’s ${name}`, url, [...own, ...allowed]);
      return refusal === null ? [] : { ...refusal, path: ['providers', provider.id, name] };
    });
  });
  if (refusals.length === 0) return;
  const details = show(refusals);
  // Where the manifest's lines are shown, each says what is wrong with it.
  const said = details === '' ? refusals.map((refusal) => refusal.message).join('; ') : 'a key may not go there';
  throw new LocalizeError('HOST_NOT_ALLOWED', said, {
    hint: [...new Set(refusals.map(({ hint }) => hint))].join('; '),
    details,
  });
}

interface Refusal {
  readonly message: string;
  readonly hint: string;
}

function refusalOf(what: string, text: string, allowed: readonly string[]): Refusal | null {
  const url = parseUrl(text);
  if (url === null) return { message: `${what} is no URL: ${text}`, hint: 'write it as https://host/path' };
  const host = url.hostname.toLowerCase();
  if (isLoopback(host)) return null;
  if (url.protocol !== 'https:') {
    const message = `${what} is ${url.origin}, and a key travels only over https`;
    return { message, hint: 'plain http is for loopback only' };
  }
  if (allowed.some((pattern) => matchesHost(host, pattern.toLowerCase()))) return null;
  return {
    message: `${what} is ${url.host}, which is not one of the provider’s own hosts`,
    hint: `if that host may have the key, say so on the command line: --allow-host ${host}`,
  };
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** `name` or, for all hosts below it, `.name`. */
function matchesHost(host: string, pattern: string): boolean {
  return pattern.startsWith('.') ? host.endsWith(pattern) : host === pattern;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
