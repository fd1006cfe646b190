import { isWholeOutput } from '../content/whole-output.js';
import { pagesById } from './pages.js';
import { prepared } from './prepared.js';
import type { FinishedOutput } from './schema/stored-types.js';
import type { Store } from './store.js';

/**
 * Paths of the outputs of all batches that lie as the state has left them: their sidecars say nothing that it does not
 * know. One that was replaced since, as by a later re-make where an older copy of the state was put back, is none of them.
 */
export async function wholeOutputs(store: Store): Promise<Set<string>> {
  const page = prepared<[number, number], { id: number; output: string }>(
    store,
    `SELECT id, output FROM jobs NOT INDEXED WHERE id > ? AND state = 'succeeded' AND output IS NOT NULL
       ORDER BY id LIMIT ?`,
  );
  const whole = new Set<string>();
  const pages = pagesById(
    (after, limit) => page.all(after, limit),
    ({ id }) => id,
  );
  for await (const found of pages) {
    for (const row of found) {
      const output = JSON.parse(row.output) as FinishedOutput;
      if (isWholeOutput(output)) whole.add(output.path);
    }
  }
  return whole;
}
