/**
 * A parameter that signs, from what precedes its name to its value. URLs inside other texts come escaped: `%26` in a
 * query of a query, `\\u0026` in JSON.
 */
export const SIGNED_PARAMETER =
  /((?:[?&]|%3f|%26|\\u0026)(?:(?!%3d|%26|\\u0026)[^=&\s"'])*(?:signature|token|key|sig|credential|security|policy|expires)(?:(?!%3d|%26|\\u0026)[^=&\s"'])*(?:=|%3d))((?:(?!\\u0026|%26)[^&\s"'])+)/gi;

/** Far more than is ever shown; the patterns below do not end well on texts of many megabytes. */
const READ_AT_MOST = 100_000;

/** A name and a password in a URL: all between the scheme and the last `@` before the path. */
export const USER_INFO = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,1000}@/gi;
/** Without a scheme, and without its header's name, only what looks like no word. A key that is cut out keeps its sign. */
const AUTHORIZATION =
  /(authorization["']?\s{0,5}[:=]\s{0,5}["']?)(?:((?:bearer|basic|digest|key|token)\s{1,5})|(?=[^\s"',;]{0,1000}[0-9=]))(?!\[secret\])[^\s"',;]+/gi;
const BEARER = /(\b(?:bearer|basic)\s{1,5})(?=[^\s"',;]{0,1000}[0-9=])[a-z0-9._~+/=-]{8,}/gi;

/**
 * Each pattern with what a text must have for it to match at all. Most texts are a name, a few words or an address without
 * a query, every line of a log and every request passes here, and a search for what is not there costs the most.
 */
const CREDENTIALS: readonly { readonly needs: RegExp; readonly pattern: RegExp; readonly instead: string }[] = [
  { needs: /=|%3d/i, pattern: SIGNED_PARAMETER, instead: '$1[redacted]' },
  { needs: /@/, pattern: USER_INFO, instead: '$1[redacted]@' },
  { needs: /authorization/i, pattern: AUTHORIZATION, instead: '$1$2[redacted]' },
  { needs: /bearer|basic/i, pattern: BEARER, instead: '$1[redacted]' },
];
/** Any of what they need. */
const MAY_LET_IN = /=|%3d|@|authorization|bearer|basic/i;

/**
 * Takes what lets somebody in out of a text: the values of signed URLs' parameters, names and passwords in URLs, and the
 * credentials of an `Authorization` header. Leaves the rest as it is.
 */
export function withoutCredentials(text: string): string {
  if (!MAY_LET_IN.test(text)) return text;
  let clean = text;
  for (const { needs, pattern, instead } of CREDENTIALS) {
    if (needs.test(clean)) clean = clean.replace(pattern, instead);
  }
  return clean;
}

/** Takes out of one line what would move a terminal's cursor, color it or turn its text around; leaves its spaces. */
export function inertLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g, '');
}

/**
 * Makes text from elsewhere fit to print: one line, no control characters, no bidirectional overrides, no signed
 * query values or other credentials, at most `limit` characters.
 */
export function plainText(text: string, limit = 500): string {
  const line = withoutCredentials(inertLine(text.slice(0, READ_AT_MOST)))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
