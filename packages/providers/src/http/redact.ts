import { type Connection, plainText, type Secret, secretRemover } from '@localize/core';

/** Makes text from a server or an error fit to keep: one line, no key, no signed query value. */
export type Redact = (text: string, limit?: number) => string;

/** Of the keys of this run: what to look for is worked out once a key. */
const removers = new WeakMap<Secret, (text: string) => string>();

export function createRedactor({ key }: Connection): Redact {
  const withoutKey = removers.get(key) ?? secretRemover([key]);
  removers.set(key, withoutKey);
  return (text, limit) => plainText(withoutKey(unescapeJson(text)), limit);
}

/** JSON may spell `&` as `\u0026`, behind which the name of a signed parameter would go unnoticed. */
function unescapeJson(text: string): string {
  return text.replace(/\\u0026/gi, '&').replace(/\\\//g, '/');
}

/** A URL for the log. A query that is not ours may sign: it is dropped whole. */
export function redactUrl(url: URL, own: boolean, redact: Redact): string {
  const query = url.search === '' || own ? url.search : '?[redacted]';
  return redact(`${url.origin}${url.pathname}${query}`, 1000);
}

/** The query of a URL, wherever it stands in a text. */
const URL_QUERY = /(https?:\/\/[^\s"'<>?#]+)\?[^\s"'<>#]*/gi;

/** A request's body for the log. The addresses of media in it belong to others, and any query may sign. */
export function redactSent(text: string, redact: Redact, limit: number): string {
  const plain = text.replace(/\\\//g, '/');
  return redact(plain.replace(URL_QUERY, '$1?[redacted]'), limit);
}
