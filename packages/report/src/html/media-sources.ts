import type { JobSnapshot } from '@localize/core';
import type { Tally } from '../view-model/tally.js';

/**
 * What `media-src` of the page allows: files, and the very web origins that the batch's own sources and outputs name.
 * Only an origin that the URL parser has normalized gets in, so that no text can add a directive.
 */
export class MediaSourcesTally implements Tally<string> {
  readonly #origins = new Set<string>();

  add({ source, output }: JobSnapshot): void {
    for (const address of [source, output]) {
      if (address !== null && /^https?:\/\//i.test(address) && URL.canParse(address))
        this.#origins.add(new URL(address).origin);
    }
  }

  result(): string {
    const allowed = [...this.#origins].filter((origin) => /^https?:\/\/[\w.:[\]-]+$/.test(origin));
    return ["'self'", 'file:', ...allowed].join(' ');
  }
}
