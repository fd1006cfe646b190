import { setImmediate as nextTurn } from 'node:timers/promises';
import { isWholeOutput } from '../content/whole-output.js';
import { prepared } from './prepared.js';
import type { FinishedOutput } from './schema/stored-types.js';
import type { Store } from './store.js';

/** How many rows are read, and their files looked at, before others get their turn. */
const LOOKS_AT_ONCE = 500;

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
  for (let after = 0; ; ) {
    const found = page.all(after, LOOKS_AT_ONCE);
    for (const row of found) {
      const output = JSON.parse(row.output) as FinishedOutput;
      if (isWholeOutput(output)) whole.add(output.path);
    }
    const last = found.at(-1);
    if (last === undefined) return whole;
    after = last.id;
    await nextTurn();
  }
}
