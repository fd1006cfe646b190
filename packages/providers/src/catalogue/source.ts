import type { Source } from '@localize/core';

/** When the pages, the documentation and the published clients behind every fact of the catalogue were read. */
const READ_ON = '2026-08-21';

/**
 * A fact's origin as data, so that `routes` and `plan` can show it beside the figure. Comments name origins in brackets:
 * `docs/providers.md` says what each mark stands for.
 */
export function source(kind: Source['kind'], text: string): Source {
  return { kind, text, date: READ_ON };
}
