import { LocalizeError, orList, type ProviderSettings, secret } from '@localize/core';
import type { LaneKey } from '@localize/runner';
import type { Secrets } from './secrets.js';
import { COPY_ANEW, whyNoKey } from './why-no-key.js';

/** Shows where in the manifest something stands that is wrong with a provider's settings. */
export type ShowPlaces = (
  places: readonly { readonly path: readonly (string | number)[]; readonly message: string }[],
) => string;

/**
 * The keys of all providers that a plan may use. What is missing is said before any file is read or command is run.
 * @throws LocalizeError KEY_MISSING that names every missing variable, KEY_UNREADABLE, KEY_DUPLICATE
 */
export async function collectKeys(
  providers: readonly ProviderSettings[],
  secrets: Secrets,
  show: ShowPlaces,
): Promise<LaneKey[]> {
  const wanted = providers.flatMap(({ id, keys }) => keys.map((key, index) => ({ ...key, provider: id, index })));
  const missing = wanted.filter(({ variable }) => secrets.origin(variable) === null);
  if (missing.length > 0) throw keyMissing(missing, { show, keyless: keylessOf(providers, secrets) });
  const keys: LaneKey[] = [];
  // One after the other: a command may ask its user something.
  for (const { provider, variable, account } of wanted) {
    const key = (await secrets.read(variable)) ?? '';
    const why = whyNoKey(variable, key);
    if (why !== null) throw new LocalizeError('KEY_UNREADABLE', `${variable} ${why}`, { hint: COPY_ANEW });
    keys.push({ provider, variable, account, key: secret(key) });
  }
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

/** @throws LocalizeError KEY_DUPLICATE */
export function refuseDuplicates(keys: readonly LaneKey[]): void {
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

/** Providers that there is no key for, while there is one for some other. */
function keylessOf(providers: readonly ProviderSettings[], secrets: Secrets): string[] {
  const keyless = providers.filter(({ keys }) => keys.every(({ variable }) => secrets.origin(variable) === null));
  return keyless.length === providers.length ? [] : keyless.map(({ id }) => id);
}

function keyMissing(
  missing: readonly { readonly variable: string; readonly provider: string; readonly index: number }[],
  { show, keyless }: { show: ShowPlaces; keyless: readonly string[] },
): LocalizeError {
  const names = missing.map(({ variable, provider }) => `${variable} (for ${provider})`).join(', ');
  const places = missing.map(({ variable, provider, index }) => ({
    path: ['providers', provider, 'keys', index],
    message: `${variable} is not set`,
  }));
  return new LocalizeError(
    'KEY_MISSING',
    `${missing.length === 1 ? 'this key is' : 'these keys are'} not set: ${names}`,
    {
      hint: [
        'set them in the environment or in .env beside the manifest',
        ...(keyless.length > 0 ? [`leave ${orList(keyless, 'and')} out of \`provider\` in the manifest`] : []),
        'or try the batch for free with --emulate',
      ].join(', '),
      details: show(places),
    },
  );
}
