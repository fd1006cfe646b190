import { randomUUID } from 'node:crypto';
import type { RunSnapshot } from '@localize/core';
import { eq, sql } from 'drizzle-orm';
import { isAtWork } from './open/batch-lock.js';
import { prepared } from './prepared.js';
import { findRow } from './rows.js';
import { batches, runs } from './schema/schema.js';
import type { BatchRow, RunRow, Store } from './store.js';

/** Why a run ended that could not say it itself. */
const KILLED = 'killed';

/**
 * Begins a run of a batch whose lock this process holds. Runs of it that have not ended are dead, and it is written down
 * that they are.
 * @returns its id
 */
export function beginRun(
  store: Store,
  batch: BatchRow,
  run: Pick<RunRow, 'startedAt' | 'host' | 'version' | 'maxMicros' | 'agreedMicros'>,
): string {
  const id = randomUUID();
  store.transact(() => {
    for (const dead of unendedRuns(store, batch))
      endRun(store, dead.id, { endedAt: lastSign(store, dead), why: KILLED });
    store.db
      .insert(runs)
      .values({ id, batchId: batch.id, ...run })
      .run();
    store.db.update(batches).set({ holderRunId: id }).where(eq(batches.id, batch.id)).run();
  });
  return id;
}

export function endRun(store: Store, id: string, { endedAt, why }: { endedAt: number; why: string }): void {
  store.db.update(runs).set({ endedAt, endedWhy: why }).where(eq(runs.id, id)).run();
}

/** The runs of a batch, the oldest first. One that a kill ended is over, although nobody has written it down yet. */
export function readRuns(store: Store, batch: BatchRow): RunSnapshot[] {
  const rows = store.db.select().from(runs).where(eq(runs.batchId, batch.id)).orderBy(sql`rowid`).all();
  return rows.map((row) => {
    const { id, startedAt: startedAtMs, host, version } = row;
    const isDead = row.endedAt === null && !isAlive(store, batch, row);
    const end = isDead ? { endedAt: lastSign(store, row), endedWhy: KILLED } : row;
    return { id, startedAtMs, endedAtMs: end.endedAt, endedWhy: end.endedWhy, host, version };
  });
}

/** The same of a batch by its name; none of one that the state does not know. */
export function runsOf(store: Store, name: string): RunSnapshot[] {
  const batch = findRow(store, batches, 'WHERE name = ?', name);
  return batch === undefined ? [] : readRuns(store, batch);
}

/** Whether a run still goes on, whichever process it is in. */
export function isRunAtWork(store: Store, id: string): boolean {
  const run = findRow(store, runs, 'WHERE id = ?', id);
  const batch = run && findRow(store, batches, 'WHERE id = ?', run.batchId);
  return batch !== undefined && run?.endedAt === null && isAlive(store, batch, run);
}

/** The operating system frees the batch's lock with its holder's death. */
function isAlive(store: Store, batch: BatchRow, { id }: RunRow): boolean {
  return batch.holderRunId === id && isAtWork(store.path, batch.name);
}

function unendedRuns(store: Store, batch: BatchRow): RunRow[] {
  const rows = store.db.select().from(runs).where(eq(runs.batchId, batch.id)).all();
  return rows.filter(({ endedAt }) => endedAt === null);
}

/** When a dead run last wrote something down. Looked for from the newest entry backwards, near which it is. */
function lastSign(store: Store, { id, startedAt }: RunRow): number {
  const last = prepared<[string], { at: number }>(
    store,
    'SELECT at FROM history WHERE run_id = ? ORDER BY id DESC LIMIT 1',
  ).get(id);
  return Math.max(startedAt, last?.at ?? startedAt);
}
