import type { RouteChoice, Voices } from './plan.js';

/**
 * What identifies a finished job's contents: contents of its files, voices and order, and what the route
 * really sends. Not in it: provider order, limits, price, keys, paths, names, durations, budget.
 *
 * Content ids are `sha256:<hex>` of a local file, or the URL without known signature parameters.
 */
export interface FingerprintParts {
  readonly video: string;
  readonly voices: readonly string[];
  readonly order: string | null;
  readonly mask: string | null;
  readonly route: string;
  readonly input: RouteChoice['input'];
}

/** The text whose SHA-256 is the fingerprint: canonical JSON, so that key order never matters. */
export function fingerprintText(parts: FingerprintParts): string {
  return canonicalJson({ version: 1, ...parts });
}

/** Voices in the order in which a fingerprint lists them. */
export function voiceSources(voices: Voices) {
  return voices.kind === 'one' ? [voices.audio] : [voices.left, voices.right];
}

/** JSON with sorted keys and without undefined members. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

const SIGNATURE_PARAMETERS =
  /^(x-amz-.*|x-goog-.*|signature|expires|key-pair-id|policy|awsaccesskeyid|googleaccessid|sig|se|sp|sv|sr|st|skoid|sktid|skt|ske|sks|skv|token)$/i;

/** A URL without known signature parameters: the same object signed again is the same content. */
export function urlContentId(url: string): string {
  const parsed = new URL(url);
  for (const name of [...parsed.searchParams.keys()]) {
    if (SIGNATURE_PARAMETERS.test(name)) parsed.searchParams.delete(name);
  }
  parsed.hash = '';
  return parsed.toString();
}
