import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobState } from '@localize/core';
import type { RunContext } from '../run-context.js';
import { prepared } from '../store/prepared.js';

/** How many jobs are read, and their files looked at, before others get their turn. */
const LOOKS_AT_ONCE = 500;

/** Jobs of this run in some states, a page at a time, until the user stops it. */
export async function* selectedJobs(context: RunContext, states: readonly JobState[]) {
  const { store, batchId } = context;
  const inStates = `batch_id = ? AND state IN (${states.map((state) => `'${state}'`).join(', ')})`;
  // Most jobs of a batch that goes on are done: no row is read before the first that is not, and none after the last.
  const ends = prepared<[number], { first: number | null; last: number | null }>(
    store,
    `SELECT min(id) AS first, max(id) AS last FROM jobs INDEXED BY jobs_backlog WHERE ${inStates}`,
  ).get(batchId);
  if (!ends?.first || !ends.last) return;
  // Each page asks of its own rows whether they are selected: by `IN`, it would go through all that are.
  const page = prepared<[number, number, number, number], { id: number; output: string }>(
    store,
    `SELECT id, planned ->> 'output' AS output FROM jobs NOT INDEXED
       WHERE id > ? AND id <= ? AND ${inStates} AND EXISTS (SELECT 1 FROM temp.selected WHERE job_id = jobs.id)
       ORDER BY id LIMIT ?`,
  );
  for (let after = ends.first - 1; !context.options.stop?.aborted; ) {
    const found = page.all(after, ends.last, batchId, LOOKS_AT_ONCE);
    yield* found;
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.id;
    await nextTurn();
  }
}
