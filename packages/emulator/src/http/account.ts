import { createHash } from 'node:crypto';
import type { ProviderName } from '../provider-name.js';
import type { World } from '../world.js';
import type { Http } from './env.js';

/**
 * The account that a key belongs to, or null when it is not accepted. Unless the options list keys, every nonempty key
 * is its own account, named by a hash so that no secret reaches the ledger.
 */
export function accountOfKey(world: World, provider: ProviderName, key: string | null): string | null {
  if (key === null || key === '') return null;
  const accepted = world.options.accounts[provider];
  if (accepted !== undefined) return Object.hasOwn(accepted, key) ? (accepted[key] as string) : null;
  return `key-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}

/** The credential of an `Authorization` header with the given scheme; null for another scheme or none. */
export function authorization(http: Http, scheme: 'Key' | 'Bearer'): string | null {
  const header = http.req.header('authorization');
  const match = header === undefined ? null : /^(\S+)[ ]+(.+)$/.exec(header.trim());
  return match?.[1]?.toLowerCase() === scheme.toLowerCase() ? (match[2]?.trim() ?? null) : null;
}
