import { LocalizeError, type ProviderSettings, secret } from '@localize/core';
import type { LaneKey } from '@localize/runner';
import type { Variables } from './read-environment.js';

/**
 * The keys of all providers that a plan may use.
 * @throws LocalizeError KEY_MISSING that names every missing variable, KEY_DUPLICATE
 */
export function collectKeys(providers: readonly ProviderSettings[], variables: Variables): LaneKey[] {
  const keys: LaneKey[] = [];
  const missing: string[] = [];
  for (const provider of providers) {
    for (const { variable, account } of provider.keys) {
      const value = variables[variable]?.trim();
      if (value) keys.push({ provider: provider.id, variable, account, key: secret(value) });
      else missing.push(`${variable} (for ${provider.id})`);
    }
  }
  if (missing.length > 0) throw keyMissing(missing);
  refuseDuplicates(keys);
  return keys;
}

/** Keys for the emulator, which takes any: one a variable, so that lanes look as they will. */
export function emulatedKeys(providers: readonly ProviderSettings[]): LaneKey[] {
  return providers.flatMap((provider) =>
    provider.keys.map(({ variable, account }) => ({
      provider: provider.id,
      variable,
      account,
      key: secret(`emulated-${variable}`),
    })),
  );
}

function refuseDuplicates(keys: readonly LaneKey[]): void {
  for (const [index, one] of keys.entries()) {
    const other = keys
      .slice(0, index)
      .find((earlier) => earlier.provider === one.provider && earlier.key.reveal() === one.key.reveal());
    if (other === undefined) continue;
    const names =
      other.variable === one.variable ? `${one.variable}, named twice` : `${other.variable} and ${one.variable}`;
    throw new LocalizeError('KEY_DUPLICATE', `one key of ${one.provider} stands under two names: ${names}`, {
      hint: 'its limit would be counted twice; remove one of the two from the manifest',
    });
  }
}

function keyMissing(missing: readonly string[]): LocalizeError {
  const names = missing.join(', ');
  return new LocalizeError(
    'KEY_MISSING',
    `${missing.length === 1 ? 'this key is' : 'these keys are'} not set: ${names}`,
    {
      hint: 'set them in the environment or in .env beside the manifest, or try the batch for free with --emulate',
    },
  );
}
