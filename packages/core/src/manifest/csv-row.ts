import type { z } from 'zod';
import type { CsvCell } from './csv-table.js';
import type { ExpandContext } from './expand-context.js';
import type { VideoFields } from './manifest.js';
import type { Finding, Span } from './manifest-issue.js';

/** A row's cells by column. */
export type Row = ReadonlyMap<string, CsvCell>;

/** What reading a row needs besides its cells. */
export interface RowReader {
  readonly entry: VideoFields;
  readonly file: string;
  readonly header: readonly CsvCell[];
  readonly schema: z.ZodType;
  readonly report: (cell: CsvCell, finding: Finding) => void;
  readonly context: ExpandContext;
}

export function spanOf(file: string, cell: CsvCell): Span {
  return { file, line: cell.line, column: cell.column, length: cell.length };
}
