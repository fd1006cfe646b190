import type { Lane } from '../../lanes/lane.js';
import type { RunContext } from '../../run-context.js';
import { SELECTED } from '../backlog.js';
import { whileUnheld } from '../open/batch-lock.js';
import { prepared } from '../prepared.js';
import { recover } from '../recover.js';
import { isOpenIn } from '../schema/attempt-states.js';

/**
 * Batches without a live holder that take slots or window places of this run's lanes, recovered: an intent that its dead
 * holder left behind would keep its place for ever. Each is held while that is done, so a run that is only stopped is
 * never touched. Their open predictions take slots that this run waits for, so it polls them too, and looks for lost creates.
 * @returns their ids
 */
export function recoverAbandoned(context: RunContext): number[] {
  const { journal, store } = context;
  return othersOnOurLanes(context).flatMap(({ id, name }) => {
    const free = whileUnheld(store.path, name, () => {
      recover(journal, id);
      lookForLost(context, id);
    });
    return free ? [id] : [];
  });
}

/** Its creates of which nobody knows whether they were made take slots too, until somebody finds them. */
function lookForLost({ store, clock, options }: RunContext, batchId: number): void {
  const listed = [...options.providers].flatMap(([id, { find }]) => (find ? [id] : []));
  prepared<[number, number, string, number], unknown>(
    store,
    `UPDATE attempts INDEXED BY attempts_open SET search_at = ?
       WHERE ${isOpenIn('')} AND state = 'uncertain' AND prediction_id IS NULL AND search_at IS NULL AND slot_until > ?
         AND provider IN (SELECT value FROM json_each(?)) AND (SELECT j.batch_id FROM jobs j WHERE j.id = job_id) = ?`,
  ).run(clock.nowMs(), clock.nowMs(), JSON.stringify(listed), batchId);
}

/** Whether predictions of this very batch that were not selected take slots of this run's lanes. */
export function hasUnselectedOpen({ store, lanes, batchId, clock }: RunContext): boolean {
  const row = prepared<[number, number, string], { open: number }>(
    store,
    `SELECT 1 AS open FROM attempts a INDEXED BY attempts_open CROSS JOIN jobs j ON j.id = a.job_id
       WHERE ${isOpenIn('a.')} AND (a.state = 'accepted' OR ${IS_LOST}) AND j.batch_id = ? AND NOT j.id ${SELECTED}
         AND a.lane_id IN (SELECT value FROM json_each(?)) LIMIT 1`,
  ).get(clock.nowMs(), batchId, idsOf(lanes));
  return row !== undefined;
}

/** Takes a slot of which nobody knows whether it is taken. */
const IS_LOST = "(a.state = 'uncertain' AND a.slot_until > ?)";

function othersOnOurLanes({ store, lanes, batchId, clock }: RunContext): { id: number; name: string }[] {
  return prepared<[number, number, string], { id: number; name: string }>(
    store,
    `SELECT DISTINCT b.id, b.name FROM attempts a INDEXED BY attempts_open
       CROSS JOIN jobs j ON j.id = a.job_id CROSS JOIN batches b ON b.id = j.batch_id
       WHERE ${isOpenIn('a.')} AND (a.state <> 'uncertain' OR ${IS_LOST}) AND b.id <> ?
         AND a.lane_id IN (SELECT value FROM json_each(?))`,
  ).all(clock.nowMs(), batchId, idsOf(lanes));
}

function idsOf(lanes: readonly Lane[]): string {
  return JSON.stringify(lanes.map(({ id }) => id));
}
