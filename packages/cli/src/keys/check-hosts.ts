import { LocalizeError, type ProviderFacts, type ProviderSettings } from '@localize/core';

/**
 * Lets a key go only to its provider's own hosts, to loopback, or to a host that the command line allows: a manifest is
 * edited by many people, and one changed line must not send a key elsewhere. Plain http only on loopback.
 * @throws LocalizeError HOST_NOT_ALLOWED
 */
export function checkHosts(
  settings: readonly ProviderSettings[],
  facts: readonly ProviderFacts[],
  allowed: readonly string[],
): void {
  for (const provider of settings) {
    const own = facts.find(({ id }) => id === provider.id)?.ownHosts ?? [];
    for (const [name, url] of Object.entries(provider.hosts)) {
      checkUrl(`${provider.id}’s ${name}`, url, [...own, ...allowed]);
    }
  }
}

function checkUrl(what: string, text: string, allowed: readonly string[]): void {
  const url = parseUrl(text);
  if (url === null) throw notAllowed(`${what} is no URL: ${text}`, 'write it as https://host/path');
  const host = url.hostname.toLowerCase();
  if (isLoopback(host)) return;
  if (url.protocol !== 'https:') {
    throw notAllowed(`${what} is ${url.origin}, and a key travels only over https`, 'plain http is for loopback only');
  }
  if (allowed.some((pattern) => matchesHost(host, pattern.toLowerCase()))) return;
  throw notAllowed(
    `${what} is ${url.host}, which is not one of the provider’s own hosts`,
    `if that host may have the key, say so on the command line: --allow-host ${host}`,
  );
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** `name` or, for all hosts below it, `.name`. */
function matchesHost(host: string, pattern: string): boolean {
  return pattern.startsWith('.') ? host.endsWith(pattern) : host === pattern;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function notAllowed(message: string, hint: string): LocalizeError {
  return new LocalizeError('HOST_NOT_ALLOWED', message, { hint });
}
