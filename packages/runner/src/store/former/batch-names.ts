import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/** All batches of a state, the latest first. */
export function batchNames(store: Store): string[] {
  return prepared<[], { name: string }>(store, 'SELECT name FROM batches ORDER BY id DESC')
    .all()
    .map(({ name }) => name);
}

/** The manifest that a batch was last run from, absolute; `null`: the state does not know the batch. */
export function manifestPathOf(store: Store, name: string): string | null {
  const sql = 'SELECT manifest_path AS path FROM batches WHERE name = ?';
  return prepared<[string], { path: string }>(store, sql).get(name)?.path ?? null;
}
