/** True when a source is fetched over http(s); everything else is a path. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** How messages call a source: the path as it was given, or the URL without user, query and fragment. */
export function sourceName(source: string): string {
  if (!isUrl(source)) return source;
  try {
    const url = new URL(source);
    return `${url.origin}${url.pathname}`;
  } catch {
    // Not a URL after all; cut where a secret could begin.
    return source.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
  }
}
