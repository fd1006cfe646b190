import type { Connection } from '@localize/core';

/** How each way of `ProviderFacts.auth` sends the key. */
const SCHEMES: Readonly<Record<string, (key: string) => Record<string, string>>> = {
  key: (key) => ({ authorization: `Key ${key}` }),
  bearer: (key) => ({ authorization: `Bearer ${key}` }),
  'x-api-key': (key) => ({ 'x-api-key': key }),
};

const HEADER_VALUE = /^[\x21-\x7e]+$/;

/** The headers that carry the key, or `null` when the key has characters that no header can carry. */
export function credentialHeaders(connection: Connection): Record<string, string> | null {
  const scheme = SCHEMES[connection.auth];
  if (scheme === undefined) throw new Error(`there is no way "${connection.auth}" to send a key`);
  const key = connection.key.reveal();
  return HEADER_VALUE.test(key) ? scheme(key) : null;
}
