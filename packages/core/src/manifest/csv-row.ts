import type { z } from 'zod';
import { LABEL, TRACK_COLUMNS } from './csv-columns.js';
import type { CsvCell } from './csv-table.js';
import type { ExpandContext } from './expand-context.js';
import type { SettingsFields } from './manifest.js';
import type { Finding, Span } from './manifest-issue.js';

/** Where each column of a CSV file stands, and which of them are labels. */
export interface Columns {
  readonly index: ReadonlyMap<string, number>;
  readonly labels: readonly { readonly column: string; readonly name: string }[];
  /** Those that a track is made of: most files have a few of them. */
  readonly ofTrack: readonly string[];
}

export function columnsOf(header: readonly CsvCell[]): Columns {
  const labels = header.flatMap(({ text }) => {
    const name = LABEL.exec(text)?.[1];
    return name === undefined ? [] : [{ column: text, name }];
  });
  const index = new Map(header.map(({ text }, place) => [text, place]));
  return { index, labels, ofTrack: TRACK_COLUMNS.filter((column) => index.has(column)) };
}

/** A row's cells by column. */
export class Row {
  readonly #cells: readonly CsvCell[];
  readonly columns: Columns;

  constructor(cells: readonly CsvCell[], columns: Columns) {
    this.#cells = cells;
    this.columns = columns;
  }

  /** `undefined` for a column that the file does not have; a row that is too short ends in empty cells. */
  get(column: string): CsvCell | undefined {
    const index = this.columns.index.get(column);
    if (index === undefined) return undefined;
    const [start] = this.#cells;
    return this.#cells[index] ?? (start && { ...start, text: '' });
  }
}

/** What reading a row needs besides its cells. */
export interface RowReader {
  /** What the entry sets for all of its videos. */
  readonly settings: SettingsFields;
  readonly labels: Readonly<Record<string, string>>;
  readonly file: string;
  readonly columns: Columns;
  readonly width: number;
  readonly schema: z.ZodType;
  readonly report: (cell: CsvCell, finding: Finding) => void;
  readonly context: ExpandContext;
}

/** One character of a CSV file. */
export function pointOf(file: string, text: string, index: number): Span {
  const before = text.slice(0, index);
  return { file, line: before.split('\n').length, column: index - before.lastIndexOf('\n'), length: 1 };
}

export function placeOf(file: string, cell: CsvCell): CellPlace {
  return new CellPlace(file, cell);
}

/** Place and span in one object: a large file has several for each row, in memory until it is planned. */
class CellPlace implements Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;

  constructor(file: string, { line, column, length }: CsvCell) {
    this.file = file;
    this.line = line;
    this.column = column;
    this.length = length;
  }

  get span(): Span {
    return this;
  }
}
