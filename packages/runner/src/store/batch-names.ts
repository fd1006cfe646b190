import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** All batches of a state, the latest first. */
export function batchNames(store: Store): string[] {
  return prepared<[], { name: string }>(store, 'SELECT name FROM batches ORDER BY id DESC')
    .all()
    .map(({ name }) => name);
}
