import Database from 'better-sqlite3';
import type { Store } from '../store.js';

/** Whether another process holds the state's write lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

/** @returns whether the work was done: `false` when another process holds the file. */
export function unlessBusy(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Lets writes wait for another process's lock no longer than this, since this process hears and does nothing meanwhile. */
export function waitingAtMost<T>({ sqlite }: Store, ms: number, work: () => T): T {
  const usual = sqlite.pragma('busy_timeout', { simple: true }) as number;
  sqlite.pragma(`busy_timeout = ${Math.min(ms, usual)}`);
  try {
    return work();
  } finally {
    sqlite.pragma(`busy_timeout = ${usual}`);
  }
}
