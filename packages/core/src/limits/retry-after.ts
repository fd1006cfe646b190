/** A server's wish beyond a day is taken for a day: nobody sleeps longer in one process. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

const SECONDS = /^\d+(?:\.\d+)?$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads a `Retry-After` header: seconds or an HTTP date (RFC 9110 §10.2.3). Pure.
 * @returns milliseconds from `nowMs`, 0 for a date that has passed, `undefined` for anything else: then our own
 * back-off holds rather than a guess.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (SECONDS.test(text)) return Math.min(Math.ceil(Number(text) * 1000), LONGEST_MS);
  if (!HTTP_DATE.test(text)) return undefined;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(0, atMs - nowMs), LONGEST_MS);
}
