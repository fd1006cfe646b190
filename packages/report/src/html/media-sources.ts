import type { Snapshot } from '@localize/core';

/**
 * What `media-src` of the page allows: files, and the very web origins that the batch's own sources and outputs name.
 * Only an origin that the URL parser has normalized gets in, so that no text can add a directive.
 */
export function mediaSources(snapshot: Snapshot): string {
  const origins = new Set<string>();
  for (const { source, output } of snapshot.jobs) {
    for (const address of [source, output]) {
      if (address !== null && /^https?:\/\//i.test(address) && URL.canParse(address))
        origins.add(new URL(address).origin);
    }
  }
  return ["'self'", 'file:', ...[...origins].filter((origin) => /^https?:\/\/[\w.:[\]-]+$/.test(origin))].join(' ');
}
