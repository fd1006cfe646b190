/** What mends a state that SQLite cannot read: nothing on the disk is lost with it, and what is open may be. */
export const DAMAGED =
  'move it away with its -wal and -shm, or put a backup there (localize doctor names it), and run again: what lies on the disk is taken over, and only the providers’ lists and the log show what else was bought';

/** Whether the file itself is at fault, so that the same command can only fail again. */
export function isDamage(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}
