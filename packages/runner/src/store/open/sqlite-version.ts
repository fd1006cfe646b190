import Database from 'better-sqlite3';

/** Version of the SQLite that keeps the state. Throws when its native part does not fit this Node. */
export function sqliteVersion(): string {
  const sqlite = new Database(':memory:');
  try {
    const row = sqlite.prepare('SELECT sqlite_version() AS version').get() as { version: string };
    return row.version;
  } finally {
    sqlite.close();
  }
}
