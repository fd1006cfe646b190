import { canonicalJson, type JsonObject } from '@localize/core';
import { asObject } from '../reading/fields.js';
import { isHttpUrl } from '../reading/http-url.js';

/**
 * Whether a provider's echo of a prediction's inputs is ours: every field that was sent equals the echoed one. The echo
 * may hold further fields, which are the provider's defaults. `unknown` when nothing was echoed, or when the echo may be
 * ours in other words: that proves neither that it was bought for us nor that it was not.
 */
export function compareInputs(sent: JsonObject, echoed: unknown): 'same' | 'different' | 'unknown' {
  const echo = asObject(echoed);
  if (echo === null || Object.keys(echo).length === 0) return 'unknown';
  const fields = Object.entries(sent).map(([name, value]) => [value, Object.hasOwn(echo, name) ? echo[name] : null]);
  if (fields.every(([value, told]) => canonicalJson(told) === canonicalJson(value))) return 'same';
  return fields.every(([value, told]) => mayBe(value, told)) ? 'unknown' : 'different';
}

/** Whether an echoed value may stand for the sent one: left out as a default, written otherwise, or moved elsewhere. */
function mayBe(sent: unknown, told: unknown): boolean {
  if (!isPlain(sent) || !isPlain(told)) return true;
  if (typeof sent === 'string' && isHttpUrl(sent)) return mayBeFile(sent, String(told));
  return sent === ANY_SEED || plain(sent) === plain(told) || Number(sent) === Number(told);
}

/** The page's word for a seed of the provider's own choice, which an echo may name [page wavespeed]. */
const ANY_SEED = -1;

/** A provider may copy a file to a host of its own, or leave the signature out; another path on the same host is another file. */
function mayBeFile(sent: string, told: string): boolean {
  if (!isHttpUrl(told)) return true;
  const [ours, theirs] = [new URL(sent), new URL(told)];
  return ours.host !== theirs.host || ours.pathname === theirs.pathname;
}

function isPlain(value: unknown): value is string | number | boolean {
  return value !== null && value !== undefined && typeof value !== 'object';
}

function plain(value: string | number | boolean): string {
  return String(value).trim().replace(/\s+/g, ' ').toLowerCase();
}
