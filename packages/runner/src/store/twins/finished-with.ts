import { findRows } from '../rows.js';
import { jobs } from '../schema/schema.js';
import type { JobRow, Store } from '../store.js';

const AT_ONCE = 8;

/** Finished jobs, of whichever batch, that are made of the same. Read as far as they are asked for: there may be thousands. */
export function* finishedWith(store: Store, fingerprint: string): Generator<JobRow> {
  const next = `WHERE fingerprint = ? AND state = 'succeeded' AND id > ? ORDER BY id LIMIT ${AT_ONCE}`;
  for (let after = 0; ; ) {
    const rows = findRows(store, jobs, next, fingerprint, after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < AT_ONCE) return;
    after = last.id;
  }
}
