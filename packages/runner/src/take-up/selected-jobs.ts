import type { JobState } from '@localize/core';
import type { RunContext } from '../run-context.js';
import { pagesById } from '../store/pages.js';
import { prepared } from '../store/prepared.js';

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
  const { first, last } = ends;
  const pages = pagesById(
    (after, limit) => (context.options.stop?.aborted ? [] : page.all(after, last, batchId, limit)),
    ({ id }) => id,
    first,
  );
  for await (const found of pages) yield* found;
}
