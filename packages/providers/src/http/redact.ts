import { type Connection, plainText } from '@localize/core';

/** Makes text from a server or an error fit to keep: one line, no key, no signed query value. */
export type Redact = (text: string, limit?: number) => string;

const REDACTED = '[secret]';
/** A shorter part of a key (fal keys are `id:secret`) would match by chance. */
const SHORTEST_PART = 8;

export function createRedactor(connection: Connection): Redact {
  const spellings = keySpellings(connection.key.reveal());
  return (text, limit) => {
    let clean = unescapeJson(text);
    for (const spelling of spellings) clean = clean.replaceAll(spelling, REDACTED);
    return plainText(clean, limit);
  };
}

/** The key and its halves, plain, percent-encoded and as base64; longest first, so that no remainder survives. */
function keySpellings(key: string): string[] {
  const parts = [key, ...key.split(':').filter((part) => part.length >= SHORTEST_PART)];
  const all = parts.flatMap((part) => [part, encodeURIComponent(part), Buffer.from(part).toString('base64')]);
  return [...new Set(all)].filter((spelling) => spelling !== '').sort((a, b) => b.length - a.length);
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
