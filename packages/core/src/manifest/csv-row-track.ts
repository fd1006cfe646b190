import { readLanguageTag } from '../language/language-tag.js';
import { checkVoices } from './check-voices.js';
import type { Row, RowReader } from './csv-row.js';
import type { CsvCell } from './csv-table.js';
import { expandTrack, NO_LABELS } from './expand-track.js';
import type { ExpandedTrack } from './expanded.js';
import { quote } from './fields/scalar.js';
import { fileStem } from './file-names.js';
import { CellPlace, keptTrack } from './kept-rows.js';
import type { TrackFields } from './manifest.js';
import { schemaFindings } from './schema-issues.js';

/** The track of a row; `null`, with issues, when there is a mistake in it. */
export function readTrack(
  row: Row,
  start: CsvCell,
  { rows, schema, report, context }: RowReader,
): ExpandedTrack | null {
  const raw = rawTrack(row);
  const lang = row.get('lang') ?? start;
  const spelling = context.tagOf(lang.text);
  const language = readLanguageTag(spelling);
  const findings = checkVoices(raw, []).map(({ place, finding }) => ({ place, finding }));
  const parsed = schema.safeParse(raw);
  if (!parsed.success) findings.push(...schemaFindings(parsed.error.issues, raw));
  if (!('canonical' in language))
    report(lang, { code: 'LANGUAGE', message: `${quote(lang.text)} ${language.problem}`, expected: language.expected });
  for (const { place, finding } of findings) {
    const column = 'path' in place ? String(place.path[0]) : '';
    report(row.get(column) ?? start, finding);
  }
  if (!parsed.success || !('canonical' in language) || findings.length > 0) return null;
  const track = expandTrack(spelling, parsed.data as TrackFields, [], {
    resolve: rows.resolve,
    name: fileStem(row.get('video')?.text ?? ''),
    row: {
      place: new CellPlace(rows, start, 'lang'),
      placeOf: (column) => new CellPlace(rows, start, column),
      labels: labelsOf(row),
    },
  });
  return keptTrack(rows, start, track);
}

/** The cells as the manifest would have them: numbers and lists come out of text. */
function rawTrack(row: Row): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const column of row.columns.ofTrack) {
    const text = row.get(column)?.text ?? '';
    if (text === '') continue;
    if (column === 'provider') raw[column] = text.split(/[\s;|]+/).filter(Boolean);
    else if (column === 'seed' || column === 'priority') raw[column] = /^-?\d+$/.test(text) ? Number(text) : text;
    else raw[column] = text;
  }
  return raw;
}

function labelsOf(row: Row): Readonly<Record<string, string>> {
  if (row.columns.labels.length === 0) return NO_LABELS;
  const labels: Record<string, string> = {};
  for (const { column, name } of row.columns.labels) {
    const text = row.get(column)?.text ?? '';
    if (text !== '') labels[name] = text;
  }
  return labels;
}
