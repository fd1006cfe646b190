const SECRET_PARAMETER =
  /([?&][^=&\s"']*(?:signature|token|key|sig|credential|security|policy|expires)[^=&\s"']*=)[^&\s"']+/gi;

/**
 * Makes text from elsewhere fit to print: one line, no control characters, no bidirectional overrides, no signed
 * query values, at most `limit` characters.
 */
export function plainText(text: string, limit = 500): string {
  const line = text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g, '')
    .replace(SECRET_PARAMETER, '$1[redacted]')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
