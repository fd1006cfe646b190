import type { RunContext } from '../run-context.js';
import { search } from '../step/search.js';
import { attemptById, SELECTED } from '../store/backlog.js';
import { UNSETTLED } from '../store/money/unsettled-attempts.js';
import { prepared } from '../store/prepared.js';

const AT_ONCE = 8;

/**
 * Looks, before anything is bought, at predictions that were given up while they ran, and for lost creates that were, whose
 * jobs wait to be bought again: one that has come since is taken, for free.
 */
export async function seekReleased(context: RunContext): Promise<void> {
  const ids = releasedIds(context);
  for (let at = 0; at < ids.length && !context.options.stop?.aborted; at += AT_ONCE) {
    await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => seek(context, id)));
  }
}

async function seek(context: RunContext, id: string): Promise<void> {
  const attempt = attemptById(context, id);
  const lane = context.lanes.find((each) => each.id === attempt.laneId);
  if (lane !== undefined) await search(context, attempt, lane);
}

function releasedIds({ store, batchId }: RunContext): string[] {
  const rows = prepared<[number], { id: string }>(
    store,
    `SELECT a.id ${UNSETTLED} AND a.state = 'abandoned' AND (a.prediction_id IS NOT NULL OR a.search_at IS NOT NULL)
       AND j.batch_id = ? AND j.state IN ('pending', 'held') AND j.id ${SELECTED}`,
  ).all(batchId);
  return rows.map(({ id }) => id);
}
