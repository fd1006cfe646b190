import { canonicalJson, type JsonObject } from '@localize/core';
import { asObject } from '../reading/fields.js';

/**
 * Whether a provider's echo of a prediction's inputs is ours: every field that was sent equals the echoed one. The echo
 * may hold further fields, which are the provider's defaults. `unknown` when nothing was echoed.
 */
export function compareInputs(sent: JsonObject, echoed: unknown): 'same' | 'different' | 'unknown' {
  const echo = asObject(echoed);
  if (echo === null || Object.keys(echo).length === 0) return 'unknown';
  const same = Object.entries(sent).every(
    ([name, value]) => Object.hasOwn(echo, name) && canonicalJson(echo[name]) === canonicalJson(value),
  );
  return same ? 'same' : 'different';
}
