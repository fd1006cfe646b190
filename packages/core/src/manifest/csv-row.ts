import type { z } from 'zod';
import { LABEL, TRACK_COLUMNS } from './csv-columns.js';
import type { CsvCell, CsvTable } from './csv-table.js';
import type { ExpandContext } from './expand-context.js';
import type { Resolve } from './expand-track.js';
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

/** What a row and what is kept of it have in common with all others of their file. */
export interface RowsOfFile {
  /** What the entry sets for all of its videos. */
  readonly settings: SettingsFields;
  readonly labels: Readonly<Record<string, string>>;
  readonly file: string;
  readonly columns: Columns;
  readonly table: CsvTable;
  readonly resolve: Resolve;
}

/** What reading a row needs besides its cells. */
export interface RowReader {
  readonly rows: RowsOfFile;
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
