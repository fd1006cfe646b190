/**
 * The address under which the page finds a video: a web address as it is, an absolute path as a file URL, a relative
 * path after `base` (which leads from the page's folder to where such paths start). `null` for anything else: a
 * manifest must not smuggle another scheme into a link.
 */
export function mediaUrl(path: string, base: string): string | null {
  if (/^https?:\/\//i.test(path)) return URL.canParse(path) ? new URL(path).href : null;
  if (/^[a-z]:[\\/]/i.test(path)) return `file:///${encodePath(path)}`;
  if (/^[a-z][a-z\d+.-]*:/i.test(path)) return null;
  if (path.startsWith('/')) return `file://${encodePath(path)}`;
  const start = base === '' || base.endsWith('/') ? base : `${base}/`;
  // Without the dot a first segment with a colon would read as a scheme, and two slashes as a host.
  return `${start === '' ? './' : encodePath(start)}${encodePath(path)}`;
}

function encodePath(path: string): string {
  return path
    .split(/[\\/]/)
    .map((part) => (/^[a-z]:$/i.test(part) ? part : encodeURIComponent(part)))
    .join('/');
}
