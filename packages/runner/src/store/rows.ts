import { type Column, getTableColumns, getTableName, type InferInsertModel, type InferSelectModel } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/**
 * Whole rows of the schema's tables by statements that are compiled once a database. A run reads and writes a few dozen
 * rows for every job, and building each query anew costs more than the query; what runs once a run uses drizzle.
 */

type Parameter = string | number | null;

interface Codec {
  readonly table: string;
  /** The table's columns for a SELECT, in the order of `fields`. */
  readonly columns: string;
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
}

interface Field {
  readonly name: string;
  readonly column: string;
  readonly decode: ((value: unknown) => unknown) | null;
  readonly encode: (value: unknown) => Parameter;
}

const codecs = new WeakMap<SQLiteTable, Codec>();

/** @param tail what follows `FROM <table>`, with a `?` for each parameter */
export function findRows<T extends SQLiteTable>(
  store: Store,
  table: T,
  tail: string,
  ...parameters: Parameter[]
): InferSelectModel<T>[] {
  const codec = codecOf(table);
  const rows = select(store, codec, tail).all(...parameters);
  return rows.map((row) => decode(codec, row) as InferSelectModel<T>);
}

/** The first of {@link findRows}. */
export function findRow<T extends SQLiteTable>(
  store: Store,
  table: T,
  tail: string,
  ...parameters: Parameter[]
): InferSelectModel<T> | undefined {
  const codec = codecOf(table);
  const row = select(store, codec, tail).get(...parameters);
  return row && (decode(codec, row) as InferSelectModel<T>);
}

export function insertRow<T extends SQLiteTable>(store: Store, table: T, row: InferInsertModel<T>): void {
  const codec = codecOf(table);
  const { names, values } = given(codec, row);
  const marks = values.map(() => '?').join(', ');
  prepared(store, `INSERT INTO ${codec.table} (${names.join(', ')}) VALUES (${marks})`).run(...values);
}

/** @returns how many rows had the values of `where` and were changed. */
export function updateRows<T extends SQLiteTable>(
  store: Store,
  table: T,
  patch: Partial<InferSelectModel<T>>,
  where: Partial<InferSelectModel<T>>,
): number {
  const codec = codecOf(table);
  const set = given(codec, patch);
  if (set.names.length === 0) return 0;
  const only = given(codec, where);
  const sql = `UPDATE ${codec.table} SET ${equalities(set.names, ', ')} WHERE ${equalities(only.names, ' AND ')}`;
  return prepared(store, sql).run(...set.values, ...only.values).changes;
}

function select(store: Store, { columns, table }: Codec, tail: string) {
  return prepared<Parameter[], unknown[]>(store, `SELECT ${columns} FROM ${table} ${tail}`).raw(true);
}

function decode({ fields }: Codec, values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  fields.forEach((field, index) => {
    const value = values[index];
    row[field.name] = value === null || field.decode === null ? value : field.decode(value);
  });
  return row;
}

function given({ byName }: Codec, row: object): { names: string[]; values: Parameter[] } {
  const names: string[] = [];
  const values: Parameter[] = [];
  for (const [name, value] of Object.entries(row)) {
    const field = byName.get(name);
    if (field === undefined) throw new Error(`there is no column for ${name}`);
    if (value === undefined) continue;
    names.push(field.column);
    values.push(value === null ? null : field.encode(value));
  }
  return { names, values };
}

function equalities(names: readonly string[], between: string): string {
  return names.map((name) => `${name} = ?`).join(between);
}

/** As many as a run has under way of the rows that it reads again and again. */
const MOST_PARSED = 512;

/** A row is read half a dozen times in the life of a job, and what it holds as JSON is data that nobody writes to. */
function parsedOnce(parse: (text: unknown) => unknown): (text: unknown) => unknown {
  const parsed = new Map<unknown, unknown>();
  return (text) => {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const value = parse(text);
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(text, value);
    return value;
  };
}

function codecOf(table: SQLiteTable): Codec {
  const known = codecs.get(table);
  if (known !== undefined) return known;
  const fields = Object.entries(getTableColumns(table)).map(([name, column]) => fieldOf(name, column));
  const made: Codec = {
    table: getTableName(table),
    columns: fields.map((field) => field.column).join(', '),
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
  };
  codecs.set(table, made);
  return made;
}

function fieldOf(name: string, column: Column): Field {
  const isPlain = column.dataType === 'number' || column.dataType === 'string';
  const decodeIt = (value: unknown) => column.mapFromDriverValue(value);
  return {
    name,
    column: column.name,
    decode: isPlain ? null : column.dataType === 'json' ? parsedOnce(decodeIt) : decodeIt,
    encode: isPlain ? (value) => value as Parameter : (value) => column.mapToDriverValue(value) as Parameter,
  };
}
