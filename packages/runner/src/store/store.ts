import type Database from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type * as schema from './schema/schema.js';

/** The open state database. Whoever opened it closes it. */
export interface Store {
  readonly path: string;
  readonly sqlite: Database.Database;
  readonly db: BetterSQLite3Database<typeof schema>;
  /** It is looked at alone: nothing can be written, nor need be, into the file or a copy of it in memory. */
  readonly readonly: boolean;
  /** Salt for key hashes, made once a database. */
  readonly salt: string;
  /** Runs `work` in one `BEGIN IMMEDIATE` transaction: it holds the write lock from its first read on. */
  transact<T>(work: () => T, durability?: Durability): T;
  close(): void;
}

export type JobRow = typeof schema.jobs.$inferSelect;
export type AttemptRow = typeof schema.attempts.$inferSelect;
/** All that anybody is told of an attempt: of what was sent for it, nothing. */
export type ToldAttempt = Omit<AttemptRow, 'request'>;
export type LaneRow = typeof schema.lanes.$inferSelect;
export type BatchRow = typeof schema.batches.$inferSelect;
export type RunRow = typeof schema.runs.$inferSelect;

/**
 * What a commit survives. `power-cut`: it is on the disk when the call returns, as all that guards money must be.
 * `kill`: it outlives this process, and what a power cut takes of it is seen again by a free look (a poll, a download).
 */
export type Durability = 'power-cut' | 'kill';

/** The columns that say what an attempt cost; empty when nothing new is known. */
export type CostSourceOf = Partial<Pick<AttemptRow, 'billedMicros' | 'costSource'>>;
