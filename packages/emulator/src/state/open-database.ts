import Database from 'better-sqlite3';

/** The emulator's memory. Times are integer milliseconds since 1970; money is integer micro-dollars. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS creates (
  seq INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  account TEXT,
  route TEXT NOT NULL,
  arrived_at INTEGER NOT NULL,
  answered_at INTEGER,
  status INTEGER,
  reason TEXT NOT NULL,
  fault TEXT,
  limit_kind TEXT,
  prediction_id TEXT,
  counted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS creates_window ON creates (provider, account, arrived_at) WHERE counted = 1;
CREATE TABLE IF NOT EXISTS predictions (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  route TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  finishes_at INTEGER NOT NULL,
  canceled_at INTEGER,
  deleted_at INTEGER,
  visible_at INTEGER NOT NULL,
  vanishes_at INTEGER,
  inputs TEXT NOT NULL,
  recipe TEXT,
  failure TEXT,
  quirks TEXT NOT NULL,
  details TEXT NOT NULL,
  price_micros INTEGER NOT NULL,
  charges_failure INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS predictions_open ON predictions (provider, account, finishes_at);
CREATE INDEX IF NOT EXISTS predictions_created ON predictions (provider, created_at);
CREATE TABLE IF NOT EXISTS objects (
  path TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  expires_at INTEGER
);
CREATE TABLE IF NOT EXISTS tickets (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  path TEXT NOT NULL,
  content_type TEXT,
  bytes INTEGER,
  issued_at INTEGER NOT NULL,
  url_expires_at INTEGER,
  file_expires_at INTEGER,
  multipart INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS origins (origin TEXT PRIMARY KEY);
`;

/**
 * Opens the state database of an emulator, making its tables when it is new. It is held exclusively, so that a second
 * emulator on the same folder is refused; the operating system lets go of it when the process dies.
 */
export function openDatabase(file: string): Database.Database {
  const database = new Database(file, { timeout: 2_000 });
  try {
    prepare(database);
  } catch (error) {
    database.close();
    if (!(error as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw error;
    throw new Error(`${file} is in use by another emulator`, { cause: error });
  }
  return database;
}

function prepare(database: Database.Database): void {
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  // Enough to survive a killed process, which is what this state has to survive.
  database.pragma('synchronous = NORMAL');
  database.exec(SCHEMA);
}
