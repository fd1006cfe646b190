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
  /** Statements' texts by what tells them apart: to put one together, and to look for it, costs as much as to carry it out. */
  readonly texts: Map<string, string>;
}

interface Field {
  readonly name: string;
  readonly column: string;
  readonly decode: ((value: unknown) => unknown) | null;
  readonly encode: (value: unknown) => Parameter;
}

const codecs = new WeakMap<SQLiteTable, Codec>();
/** Of {@link readRows}: by table, then by the column that is left out. */
const onceCodecs = new WeakMap<SQLiteTable, Map<string, Codec>>();

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

/**
 * Rows that are gone through by the thousand, once each: nothing of them is kept to be found parsed again.
 * @param without a column that nobody asks for
 */
export function readRows<T extends SQLiteTable, K extends keyof InferSelectModel<T> & string = never>(
  store: Store,
  table: T,
  { without, tail }: { readonly without?: K; readonly tail: string },
  ...parameters: Parameter[]
): Omit<InferSelectModel<T>, K>[] {
  const codec = onceCodecOf(table, without ?? '');
  const rows = select(store, codec, tail).all(...parameters);
  return rows.map((row) => decode(codec, row) as Omit<InferSelectModel<T>, K>);
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
  const sql = textOf(codec, `insert ${names}`, () => {
    return `INSERT INTO ${codec.table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
  });
  prepared(store, sql).run(...values);
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
  const sql = textOf(codec, `update ${set.names} where ${only.names}`, () => {
    return `UPDATE ${codec.table} SET ${equalities(set.names, ', ')} WHERE ${equalities(only.names, ' AND ')}`;
  });
  return prepared(store, sql).run(...set.values, ...only.values).changes;
}

function select(store: Store, codec: Codec, tail: string) {
  const sql = textOf(codec, tail, () => `SELECT ${codec.columns} FROM ${codec.table} ${tail}`);
  return prepared<Parameter[], unknown[]>(store, sql).raw(true);
}

function textOf({ texts }: Codec, what: string, make: () => string): string {
  const known = texts.get(what);
  if (known !== undefined) return known;
  const made = make();
  texts.set(what, made);
  return made;
}

function decode({ fields }: Codec, values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  let index = 0;
  for (const { name, decode } of fields) {
    const value = values[index];
    row[name] = value === null || decode === null ? value : decode(value);
    index += 1;
  }
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

/** Twice as many as a run has under way of the rows that it reads again and again. */
const MOST_PARSED = 512;

/**
 * A row is read half a dozen times in the life of a job, and what it holds as JSON is data that nobody writes to. What was
 * not asked for while as many others were is forgotten.
 */
function parsedOnce(parse: Parse): Parse {
  let parsed = new Map<unknown, unknown>();
  let before = new Map<unknown, unknown>();
  return (text) => {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const value = before.get(text) ?? parse(text);
    if (parsed.size >= MOST_PARSED) {
      before = parsed;
      parsed = new Map();
    }
    parsed.set(text, value);
    return value;
  };
}

function codecOf(table: SQLiteTable): Codec {
  const known = codecs.get(table);
  if (known !== undefined) return known;
  const codec = makeCodec(table, parsedOnce);
  codecs.set(table, codec);
  return codec;
}

function onceCodecOf(table: SQLiteTable, without: string): Codec {
  const made = onceCodecs.get(table) ?? new Map<string, Codec>();
  const codec = made.get(without) ?? makeCodec(table, (parse) => parse, without);
  onceCodecs.set(table, made.set(without, codec));
  return codec;
}

type Parse = (text: unknown) => unknown;

function makeCodec(table: SQLiteTable, parsing: (parse: Parse) => Parse, without = ''): Codec {
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => name !== without);
  const fields = columns.map(([name, column]) => fieldOf(name, column, parsing));
  return {
    table: getTableName(table),
    columns: fields.map((field) => field.column).join(', '),
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    texts: new Map(),
  };
}

function fieldOf(name: string, column: Column, parsing: (parse: Parse) => Parse): Field {
  const isPlain = column.dataType === 'number' || column.dataType === 'string';
  const decodeIt = (value: unknown) => column.mapFromDriverValue(value);
  return {
    name,
    column: column.name,
    decode: isPlain ? null : column.dataType === 'json' ? parsing(decodeIt) : decodeIt,
    encode: isPlain ? (value) => value as Parameter : (value) => column.mapToDriverValue(value) as Parameter,
  };
}
