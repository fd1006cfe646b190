import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { freeBytes, neededBytes } from '../../output/disk-space.js';
import { openImage } from './open-readable.js';

/** In memory an image of a state is there three times while it is upgraded. */
const MOST_IN_MEMORY = 32_000_000;

/** How many times as large a state of the first shape may become by indexes and triggers that came later. */
const GROWTH = 2;

/** A copy, and what takes its file away: SQLite writes to none that has lost its name, and reads it all the same. */
export interface ReaderCopy {
  readonly sqlite: Database.Database;
  removeFile(): void;
}

/**
 * A copy of a state that a reader may upgrade, since he must change nothing of the state itself: in memory, and a large one
 * in a file in the system's temporary folder.
 * @param mostInMemory bytes
 */
export function readerCopy(sqlite: Database.Database, mostInMemory = MOST_IN_MEMORY): ReaderCopy {
  const bytes = sizeOf(sqlite);
  const hasRoom = () => freeBytes(tmpdir()) >= neededBytes(bytes * GROWTH);
  const isLarge = bytes > mostInMemory && !sqlite.memory;
  const inFile = isLarge && hasRoom() ? copyInFile(sqlite) : null;
  return inFile ?? { sqlite: openImage(sqlite.serialize()), removeFile: () => undefined };
}

function sizeOf(sqlite: Database.Database): number {
  const [pages, pageBytes] = ['page_count', 'page_size'].map((name) => sqlite.pragma(name, { simple: true }) as number);
  return (pages ?? 0) * (pageBytes ?? 0);
}

/** `null` where that folder takes no such file. */
function copyInFile(sqlite: Database.Database): ReaderCopy | null {
  const folder = mkdtempSync(join(tmpdir(), 'localize-state-'));
  try {
    const path = join(folder, 'state.db');
    sqlite.prepare('VACUUM INTO ?').run(path);
    const copy = new Database(path);
    // Nobody reads it again: it need not outlive anything.
    copy.pragma('journal_mode = OFF');
    copy.pragma('synchronous = OFF');
    copy.pragma('cache_size = -4000');
    return { sqlite: copy, removeFile: () => remove(folder) };
  } catch (error) {
    remove(folder);
    if (error instanceof Database.SqliteError) return null;
    throw error;
  }
}

/** What is open goes with the process; Windows lets it be removed only then. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}
