import Database from 'better-sqlite3';

/**
 * Whether the last guard held: one prediction belongs to one attempt, so a create whose reply names another attempt's is
 * nobody knows whose.
 */
export function isOwnedElsewhere(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE';
}
