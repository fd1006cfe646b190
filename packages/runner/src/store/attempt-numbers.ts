import { prepared } from './prepared.js';
import type { Store } from './store.js';

/**
 * Which of its job each attempt is, by its id: from 1 in the order of buying, behind what the job has from sidecars, as
 * reports list and number them.
 */
export function attemptNumbers(store: Store, jobId: number): ReadonlyMap<string, number> {
  const adopted = prepared<[number], { many: number }>(
    store,
    'SELECT count(*) AS many FROM adopted_predictions WHERE job_id = ?',
  ).get(jobId);
  const first = (adopted?.many ?? 0) + 1;
  const own = prepared<[number], { id: string }>(store, 'SELECT id FROM attempts WHERE job_id = ? ORDER BY rowid');
  return new Map(own.all(jobId).map(({ id }, index) => [id, first + index]));
}

/**
 * The number of a job's uncertain attempt where the job has further lost creates that are not settled, so that a command
 * says which is meant.
 */
export function numberAmongLost(store: Store, jobId: number): number | undefined {
  const lost = lostCreates(store, jobId);
  const uncertain = lost.length > 1 ? lost.find(({ state }) => state === 'uncertain') : undefined;
  return uncertain && attemptNumbers(store, jobId).get(uncertain.id);
}

/** The numbers of all lost creates of a job that are not settled, but for one that is left out. */
export function lostNumbers(store: Store, jobId: number, leftOut: string): number[] {
  const others = lostCreates(store, jobId).filter(({ id }) => id !== leftOut);
  if (others.length === 0) return [];
  const numbers = attemptNumbers(store, jobId);
  return others.flatMap(({ id }) => numbers.get(id) ?? []);
}

/** Creates whose replies were lost and of which nobody has said what became of them, or what they cost. */
function lostCreates(store: Store, jobId: number): { id: string; state: string }[] {
  return prepared<[number], { id: string; state: string }>(
    store,
    `SELECT id, state FROM attempts WHERE job_id = ? AND state IN ('uncertain', 'abandoned') AND prediction_id IS NULL
       AND billed_micros IS NULL ORDER BY rowid`,
  ).all(jobId);
}
