import type { z } from 'zod';
import type { Catalogue } from '../provider/route.js';
import { encodingFault } from './check-encoding.js';
import { checkHeader } from './csv-columns.js';
import { columnsOf, pointOf, Row, type RowReader } from './csv-row.js';
import { readTrack } from './csv-row-track.js';
import { videoOfRow } from './csv-row-video.js';
import { type CsvCell, type CsvTable, readCsv } from './csv-table.js';
import type { ExpandContext } from './expand-context.js';
import { settingsOf } from './expand-track.js';
import { quote } from './fields/scalar.js';
import { folderOf, pathBeside } from './file-names.js';
import type { VideoFields } from './manifest.js';
import type { Finding } from './manifest-issue.js';
import type { Path } from './manifest-source.js';
import { addTrack } from './video-builder.js';
import { trackSchema } from './video-schema.js';

/**
 * One row a job. Paths are relative to the manifest; columns `label:<name>` set labels.
 * @returns whether its rows could be read
 */
export function expandCsv(fields: VideoFields, path: Path, context: ExpandContext): boolean {
  const written = fields.csv ?? '';
  const place = { path: [...path, 'csv'] };
  const opened = openCsv(written, place, context);
  if (opened === null) return false;
  const { file, table, report } = opened;
  const rows = expandRows(table, {
    rows: {
      settings: settingsOf(fields),
      labels: context.labels(fields.labels),
      file,
      columns: columnsOf(table.header),
      table,
      resolve: context.files.resolve,
    },
    width: table.header.length,
    schema: schemaOf(context.manifest.source.catalogue),
    report,
    context,
  });
  reportQuotes(opened);
  if (rows > 0) return true;
  const message = `${written} has no row below its header`;
  context.report.error(place, { code: 'CSV', message, expected: 'one row a job' });
  return false;
}

/** A CSV file whose header can be read, and where what is wrong with a cell is said. */
interface OpenedCsv {
  readonly file: string;
  readonly table: CsvTable;
  readonly report: RowReader['report'];
}

/** `null` where none of its rows can be read; why is reported. */
function openCsv(written: string, place: { path: Path }, context: ExpandContext): OpenedCsv | null {
  const text = readCsvText(written, place, context);
  if (text === null) return null;
  const file = pathBeside(folderOf(context.manifest.source.file), written);
  context.keepText(file, text);
  const fault = encodingFault(text);
  if (fault !== null) context.report.error({ span: pointOf(file, text, fault.index) }, fault.finding);
  if (fault?.unreadable) return null;
  const table = readCsv(text);
  const report = ({ line, column, length }: CsvCell, finding: Finding) =>
    context.report.error({ span: { file, line, column, length } }, finding);
  const noHeader = () =>
    context.report.error(place, {
      code: 'CSV',
      message: `${written} has no header`,
      expected: 'columns such as video,lang,audio',
    });
  const opened = { file, table, report };
  if (!isSwallowed(table) && checkHeader(table.header, report, noHeader)) return opened;
  reportQuotes(opened);
  return null;
}

/** `null` where there is no such file, which is reported. */
function readCsvText(written: string, place: { path: Path }, { files, report }: ExpandContext): string | null {
  const path = files.resolve(written);
  const text = files.readText(path);
  if (text !== null) return text;
  const nearest = files.nearest?.(path) ?? null;
  const expected = nearest === null ? 'a CSV file' : `did you mean ${nearest}?`;
  report.error(place, { code: 'CSV', message: `${written} is not there`, expected });
  return null;
}

/** A quote that never ends has swallowed the rest of the file: what else is odd about its row is a consequence. */
function isSwallowed(table: CsvTable): boolean {
  return table.openQuote() !== null;
}

function reportQuotes({ table, report }: OpenedCsv): void {
  const open = table.openQuote();
  if (open !== null) report(open, { code: 'CSV', message: 'this quote never ends', expected: 'a closing "' });
  const after = table.afterQuote();
  if (open !== null || after === null) return;
  const expected = 'a separator, or quotes written twice where they stand within a cell in quotes';
  report(after, { code: 'CSV', message: `${quote(after.text)} stands behind the quote that ends its cell`, expected });
}

/** @returns how many rows there are below the header */
function expandRows(table: CsvTable, reader: RowReader): number {
  let rows = 0;
  for (const cells of table.rows) {
    rows += 1;
    if (!isSwallowed(table)) expandRow(cells, reader);
  }
  return rows;
}

function expandRow(cells: readonly CsvCell[], reader: RowReader): void {
  const { rows, width, report, context } = reader;
  const [start] = cells;
  if (start === undefined) return;
  if (cells.length > width) {
    const extra = cells[width] ?? start;
    report(extra, {
      code: 'CSV',
      message: `this row has ${cells.length} cells and the header ${width}`,
      expected: 'a text with the separator in it in double quotes',
    });
    return;
  }
  if (cells.length === 1 && width > 1) {
    const expected = 'cells with the separator of the header between them';
    report(start, { code: 'CSV', message: `this row has 1 cell and the header ${width}`, expected });
    return;
  }
  const row = new Row(cells, rows.columns);
  const track = readTrack(row, start, reader);
  const video = videoOfRow(row, start, reader);
  if (video === null) return;
  if (track === null) video.hasFaultyTrack = true;
  else addTrack(video, track, context.report);
}

const schemas = new WeakMap<Catalogue, z.ZodType>();

function schemaOf(catalogue: Catalogue): z.ZodType {
  const schema = schemas.get(catalogue) ?? trackSchema(catalogue);
  schemas.set(catalogue, schema);
  return schema;
}
