import { type Connection, plainText, type Secret, secretRemover } from '@localize/core';

/** Makes text from a server or an error fit to keep: one line, no key, no signed query value. */
export type Redact = (text: string, limit?: number) => string;

/** Of the keys of this run: what to look for is worked out once a key. */
const removers = new WeakMap<Secret, (text: string) => string>();

/** For whatever is told of one connection: besides its own key, what looks like anybody's is taken out. */
export function createRedactor({ key }: Connection): Redact {
  const withoutKey = removers.get(key) ?? secretRemover([key]);
  removers.set(key, withoutKey);
  return (text, limit) => plainText(withoutForeignKeys(withoutKey(unescapeJson(text))), limit);
}

/**
 * What looks like a key of somebody else, as a provider's worker may name its own: `sk-live-…`, and behind `Bearer` what is
 * no word. Only in what providers say: a file of ours may be called like that.
 */
const FOREIGN_KEY =
  /\b((?:sk|pk|rk)[-_](?:[a-z]{2,8}[-_]){0,3})(?=[a-z]{0,200}[0-9])[a-z0-9_-]{16,200}|(\bbearer\s{1,5})[a-z0-9_-]{1,2000}(?:\.[a-z0-9_-]{1,2000}){2}/gi;

function withoutForeignKeys(text: string): string {
  return text.replace(FOREIGN_KEY, (_, sign?: string, scheme?: string) => `${sign ?? scheme}[redacted]`);
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
