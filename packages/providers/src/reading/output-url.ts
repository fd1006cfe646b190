import { asObject } from './fields.js';
import { isHttpUrl } from './http-url.js';

/** The first http address in a string, in a list of them or in an object's `url`; `null` without one. */
export function outputUrl(value: unknown): string | null {
  if (typeof value === 'string') return isHttpUrl(value) ? value : null;
  if (Array.isArray(value)) {
    for (const item of value) {
      const url = outputUrl(item);
      if (url !== null) return url;
    }
    return null;
  }
  const object = asObject(value);
  return object === null || typeof object.url !== 'string' ? null : outputUrl(object.url);
}
