import type { Sql } from './sql.js';

/** A stored file and the URL path that it answers under, on whatever port the emulator listens. */
export interface StoredObject {
  /** Decoded URL path, such as `/bucket/audio/keynote.de.mp3`. */
  path: string;
  sha256: string;
  bytes: number;
  contentType: string;
  storedAt: number;
  expiresAt: number | null;
}

interface Row {
  path: string;
  sha256: string;
  bytes: number;
  content_type: string;
  stored_at: number;
  expires_at: number | null;
}

/** What is stored under which URL path; the bytes themselves lie in the content store. */
export class ObjectTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  put(object: StoredObject): void {
    this.#sql
      .prepare(
        `INSERT INTO objects (path, sha256, bytes, content_type, stored_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes,
           content_type = excluded.content_type, stored_at = excluded.stored_at, expires_at = excluded.expires_at`,
      )
      .run(object.path, object.sha256, object.bytes, object.contentType, object.storedAt, object.expiresAt);
  }

  /** The object at a path, unless its time is over. */
  find(path: string, now: number): StoredObject | undefined {
    const row = this.#sql.prepare('SELECT * FROM objects WHERE path = ?').get(path) as Row | undefined;
    if (row === undefined || (row.expires_at !== null && now >= row.expires_at)) return undefined;
    return {
      path: row.path,
      sha256: row.sha256,
      bytes: row.bytes,
      contentType: row.content_type,
      storedAt: row.stored_at,
      expiresAt: row.expires_at,
    };
  }

  remove(path: string): boolean {
    return this.#sql.prepare('DELETE FROM objects WHERE path = ?').run(path).changes > 0;
  }
}
