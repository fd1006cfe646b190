import type { Source } from '@localize/core';

/** When the pages, the documentation and the published clients behind every fact of the catalogue were read. */
export const READ_ON = '2026-08-21';

/** A fact's origin as data, so that `routes` and `plan` can show it beside the figure. */
export function source(kind: Source['kind'], text: string): Source {
  return { kind, text, date: READ_ON };
}
