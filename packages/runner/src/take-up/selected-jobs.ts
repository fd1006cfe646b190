import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobState } from '@localize/core';
import type { RunContext } from '../run-context.js';
import { prepared } from '../store/prepared.js';

/** How many jobs are read, and their files looked at, before others get their turn. */
const LOOKS_AT_ONCE = 500;

/** Jobs of this run in some states, a page at a time, until the user stops it. */
export async function* selectedJobs(context: RunContext, states: readonly JobState[]) {
  // Each page asks of its own rows whether they are selected: by `IN`, it would go through all that are.
  const page = prepared<[number, number, number], { id: number; output: string }>(
    context.store,
    `SELECT id, planned ->> 'output' AS output FROM jobs NOT INDEXED
       WHERE id > ? AND batch_id = ? AND state IN (${states.map((state) => `'${state}'`).join(', ')})
         AND EXISTS (SELECT 1 FROM temp.selected WHERE job_id = jobs.id)
       ORDER BY id LIMIT ?`,
  );
  for (let after = 0; !context.options.stop?.aborted; ) {
    const found = page.all(after, context.batchId, LOOKS_AT_ONCE);
    yield* found;
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.id;
    await nextTurn();
  }
}
