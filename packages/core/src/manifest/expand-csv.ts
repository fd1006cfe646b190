import type { z } from 'zod';
import type { Catalogue } from '../provider/route.js';
import { checkHeader } from './csv-columns.js';
import { type RowReader, spanOf } from './csv-row.js';
import { readTrack } from './csv-row-track.js';
import { videoOfRow } from './csv-row-video.js';
import { type CsvCell, readCsv } from './csv-table.js';
import type { ExpandContext } from './expand-context.js';
import { folderOf, pathBeside } from './file-names.js';
import type { VideoFields } from './manifest.js';
import type { Finding } from './manifest-issue.js';
import type { Path } from './manifest-source.js';
import { addTrack } from './video-builder.js';
import { trackSchema } from './video-schema.js';

/** One row a job. Paths are relative to the manifest; columns `label:<name>` set labels. */
export function expandCsv(fields: VideoFields, path: Path, context: ExpandContext): void {
  const written = fields.csv ?? '';
  const text = context.files.readText(context.files.resolve(written));
  const place = { path: [...path, 'csv'] };
  if (text === null) {
    context.report.error(place, { code: 'CSV', message: `${written} is not there`, expected: 'a CSV file' });
    return;
  }
  const file = pathBeside(folderOf(context.manifest.source.file), written);
  context.keepText(file, text);
  const table = readCsv(text);
  const report = (cell: CsvCell, finding: Finding) => context.report.error({ span: spanOf(file, cell) }, finding);
  if (table.openQuote !== null)
    report(table.openQuote, { code: 'CSV', message: 'this quote never ends', expected: 'a closing "' });
  if (
    !checkHeader(table.header, report, () =>
      context.report.error(place, {
        code: 'CSV',
        message: `${written} has no header`,
        expected: 'columns such as video,lang,audio',
      }),
    )
  )
    return;
  if (table.rows.length === 0)
    context.report.error(place, {
      code: 'CSV',
      message: `${written} has no row below its header`,
      expected: 'one row a job',
    });
  const rowReader: RowReader = {
    entry: fields,
    file,
    header: table.header,
    schema: schemaOf(context.manifest.source.catalogue),
    report,
    context,
  };
  for (const cells of table.rows) expandRow(cells, rowReader);
}

function expandRow(cells: readonly CsvCell[], reader: RowReader): void {
  const { header, report, context } = reader;
  const [start] = cells;
  if (start === undefined) return;
  if (cells.length > header.length) {
    const extra = cells[header.length] ?? start;
    report(extra, {
      code: 'CSV',
      message: `this row has ${cells.length} cells and the header ${header.length}`,
      expected: 'a text with the separator in it in double quotes',
    });
    return;
  }
  const row = new Map(header.map((column, index) => [column.text, cells[index] ?? { ...start, text: '' }] as const));
  const track = readTrack(row, start, reader);
  const video = videoOfRow(row, start, reader);
  if (track === null || video === null) return;
  addTrack(video, track, context.report);
}

const schemas = new WeakMap<Catalogue, z.ZodType>();

function schemaOf(catalogue: Catalogue): z.ZodType {
  const schema = schemas.get(catalogue) ?? trackSchema(catalogue);
  schemas.set(catalogue, schema);
  return schema;
}
