import type { Failure } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import type { Journal } from '../store/journal.js';
import { beginStop, endStop } from '../store/lanes/lane-stops.js';
import { updateRows } from '../store/rows.js';
import { jobs, lanes } from '../store/schema/schema.js';
import type { Lane } from './lane.js';
import { laneRow } from './lane-row.js';

/** A lane that takes no creates until a person has helped, and what opens it again. */

/** The balance is empty: no create until a person has helped; said once. */
export function laneClosed(journal: Journal, lane: Lane, { kind, message }: Failure): void {
  if (laneRow(journal.store, lane).closed === null) close(journal, lane, `${kind}: ${message}`);
}

/** Said once, by whoever finds it. */
export function close(journal: Journal, lane: Lane, why: string): void {
  updateRows(journal.store, lanes, { closed: why }, { id: lane.id });
  beginStop(journal.store, lane.id, { cause: 'closed', batchId: null, atMs: journal.clock.wallMs() });
  journal.tell({ type: 'lane:closed', lane: lane.display, why });
}

/**
 * An attempt of this lane has ended, so money that was reserved for it may be free again: a lane that was closed for
 * payment is worth one more try, and the jobs that were held for it go back.
 */
export function laneSettled(journal: Journal, lane: Lane, batchId: number): void {
  if (!laneRow(journal.store, lane).closed?.startsWith('payment')) return;
  openAgain(journal, lane);
  takeBackHeld(journal, lane, batchId);
}

/** Jobs that were held since their lane was closed. */
export function takeBackHeld(journal: Journal, lane: Lane, batchId: number): void {
  const held = journal.store.db
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.batchId, batchId),
        eq(jobs.state, 'held'),
        eq(jobs.holdReason, 'lane-closed'),
        eq(jobs.provider, lane.provider),
      ),
    )
    .all();
  for (const job of held) journal.moveJob(job, 'retry', { failure: null, readyAt: journal.clock.nowMs() });
}

/** A new run that buys tries closed lanes and refused keys again: the person may have helped. */
export function reopenLane(journal: Journal, lane: Lane): void {
  updateRows(journal.store, lanes, { refusedKeys: null }, { id: lane.id });
  openAgain(journal, lane);
}

export function openAgain(journal: Journal, lane: Lane): void {
  updateRows(journal.store, lanes, { closed: null }, { id: lane.id });
  endStop(journal.store, lane.id, { cause: 'closed', batchId: null, atMs: journal.clock.wallMs() });
}
