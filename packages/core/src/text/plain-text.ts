/**
 * A parameter that signs, from what precedes its name to its value. URLs inside other texts come escaped: `%26` in a
 * query of a query, `\\u0026` in JSON.
 */
export const SIGNED_PARAMETER =
  /((?:[?&]|%3f|%26|\\u0026)(?:(?!%3d|%26|\\u0026)[^=&\s"'])*(?:signature|token|key|sig|credential|security|policy|expires)(?:(?!%3d|%26|\\u0026)[^=&\s"'])*(?:=|%3d))((?:(?!\\u0026|%26)[^&\s"'])+)/gi;

/** Far more than is ever shown; the patterns below do not end well on texts of many megabytes. */
const READ_AT_MOST = 100_000;

/** Takes the values of signed URLs' parameters out of a text, and leaves the rest as it is. */
export function withoutSignatures(text: string): string {
  return text.replace(SIGNED_PARAMETER, '$1[redacted]');
}

/**
 * Makes text from elsewhere fit to print: one line, no control characters, no bidirectional overrides, no signed
 * query values, at most `limit` characters.
 */
export function plainText(text: string, limit = 500): string {
  const inert = text
    .slice(0, READ_AT_MOST)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g, '');
  const line = withoutSignatures(inert).replace(/\s+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
