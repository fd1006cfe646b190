import type Database from 'better-sqlite3';
import type { Store } from './store.js';

const statements = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** The statement for a text, compiled once a database: compiling costs more than most of these queries. */
export function prepared<Parameters extends unknown[], Row>(
  store: Store,
  sql: string,
): Database.Statement<Parameters, Row> {
  const own = statements.get(store.sqlite) ?? new Map<string, Database.Statement>();
  statements.set(store.sqlite, own);
  const known = own.get(sql) ?? store.sqlite.prepare(sql);
  own.set(sql, known);
  return known as Database.Statement<Parameters, Row>;
}
