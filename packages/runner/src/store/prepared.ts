import type Database from 'better-sqlite3';
import type { Store } from './store.js';

/**
 * How a query says how many rows it wants at most. SQLite reads the number that is bound to a bare `LIMIT ?` to plan by it,
 * and so compiles the query anew whenever anything is bound, which takes longer than most of these queries.
 */
export const AT_MOST = 'LIMIT ? + 0';

const statements = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** The statement for a text, compiled once a database: compiling costs more than most of these queries. */
export function prepared<Parameters extends unknown[], Row>(
  store: Store,
  sql: string,
): Database.Statement<Parameters, Row> {
  const own = statements.get(store.sqlite) ?? keepStatements(store);
  const known = own.get(sql);
  if (known !== undefined) return known as Database.Statement<Parameters, Row>;
  const made = store.sqlite.prepare<Parameters, Row>(sql);
  own.set(sql, made as Database.Statement);
  return made;
}

function keepStatements({ sqlite }: Store): Map<string, Database.Statement> {
  const none = new Map<string, Database.Statement>();
  statements.set(sqlite, none);
  return none;
}
