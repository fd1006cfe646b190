import type { RunContext } from '../../run-context.js';
import { SELECTED } from '../backlog.js';
import { whileUnheld } from '../open/batch-lock.js';
import { prepared } from '../prepared.js';
import { recover } from '../recover.js';
import { isOpenIn } from '../schema/attempt-states.js';

/**
 * Batches without a live holder that take slots or window places of this run's lanes, recovered: an intent that its dead
 * holder left behind would keep its place for ever. Each is held while that is done, so a run that is only stopped is
 * never touched. Their open predictions take slots that this run waits for, so it polls them too.
 * @returns their ids
 */
export function recoverAbandoned(context: RunContext): number[] {
  const { journal, store } = context;
  return othersOnOurLanes(context).flatMap(({ id, name }) => {
    const free = whileUnheld(store.path, name, () => recover(journal, id));
    return free ? [id] : [];
  });
}

/** Whether predictions of this very batch that were not selected take slots of this run's lanes. */
export function hasUnselectedOpen({ store, lanes, batchId }: RunContext): boolean {
  const row = prepared<unknown[], { open: number }>(
    store,
    `SELECT 1 AS open FROM attempts a INDEXED BY attempts_open CROSS JOIN jobs j ON j.id = a.job_id
       WHERE ${isOpenIn('a.')} AND a.state = 'accepted' AND j.batch_id = ? AND NOT j.id ${SELECTED}
         AND a.lane_id IN (${lanes.map(() => '?').join(',')}) LIMIT 1`,
  ).get(batchId, ...lanes.map((lane) => lane.id));
  return row !== undefined;
}

function othersOnOurLanes({ store, lanes, batchId }: RunContext): { id: number; name: string }[] {
  return prepared<unknown[], { id: number; name: string }>(
    store,
    `SELECT DISTINCT b.id, b.name FROM attempts a INDEXED BY attempts_open
       CROSS JOIN jobs j ON j.id = a.job_id CROSS JOIN batches b ON b.id = j.batch_id
       WHERE ${isOpenIn('a.')} AND a.state <> 'uncertain' AND b.id <> ? AND a.lane_id IN (${lanes.map(() => '?').join(',')})`,
  ).all(batchId, ...lanes.map((lane) => lane.id));
}
