import type { OutputFile, UnreadableOutput } from '@localize/core';
import type { Redact } from '../http/redact.js';
import { asArray, asObject } from './fields.js';
import { isHttpUrl } from './http-url.js';

/** How much is kept of what nobody can fetch, in characters. */
const SHOWN = 200;

/**
 * What a reply names as the result: the first address in a string, in a list of them or in an object's `url`. What is
 * something else may be a result all the same, in a form that nobody here knows, and is told in its own words.
 * @returns `null` where it names nothing
 */
export function readOutput(value: unknown, redact: Redact): OutputFile | UnreadableOutput | null {
  const named = texts(value);
  const url = named.find(isHttpUrl) ?? named.find(isDataUrl);
  if (url !== undefined) return { url };
  if (isNothing(value)) return null;
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  return { unreadable: redact(words.slice(0, 4 * SHOWN), SHOWN) };
}

/** The video itself in place of its address; no page shows one. */
function isDataUrl(text: string): boolean {
  return /^data:[^,]{0,200};base64,/i.test(text);
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  const url = asObject(value)?.url;
  return typeof url === 'string' ? [url] : [];
}

function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return asArray(value).every(isNothing);
  const object = asObject(value);
  if (object === null) return !value;
  return 'url' in object ? isNothing(object.url) : Object.values(object).every(isNothing);
}
