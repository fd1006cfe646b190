import type Database from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type * as schema from './schema.js';

/** The open state database. Whoever opened it closes it. */
export interface Store {
  readonly path: string;
  readonly sqlite: Database.Database;
  readonly db: BetterSQLite3Database<typeof schema>;
  /** Salt for key hashes, made once a database. */
  readonly salt: string;
  close(): void;
}

export type JobRow = typeof schema.jobs.$inferSelect;
export type AttemptRow = typeof schema.attempts.$inferSelect;
export type LaneRow = typeof schema.lanes.$inferSelect;
export type BatchRow = typeof schema.batches.$inferSelect;

/** Runs `work` in one `BEGIN IMMEDIATE` transaction: it holds the write lock from its first read on. */
export function transact<T>(store: Store, work: () => T): T {
  return store.db.transaction(work, { behavior: 'immediate' });
}

/** The columns that say what an attempt cost; empty when nothing new is known. */
export type CostSourceOf = Partial<Pick<AttemptRow, 'billedMicros' | 'costSource'>>;
