import { nearestWord } from '../text/nearest.js';
import { ownValue } from '../text/own-value.js';
import type { CsvCell } from './csv-table.js';
import { quote } from './fields/scalar.js';
import { isLabelName, LABEL_NAME } from './label-name.js';
import type { Finding } from './manifest-issue.js';

/** Columns that are fields of the track under the same name. */
export const TRACK_COLUMNS = [
  'audio',
  'left_audio',
  'right_audio',
  'order',
  'duration',
  'left_duration',
  'right_duration',
  'mask_image',
  'provider',
  'resolution',
  'prompt',
  'subtitles',
  'seed',
  'priority',
] as const;

const COLUMNS: readonly string[] = ['video', 'lang', 'id', 'video_duration', ...TRACK_COLUMNS];
/** A column that sets the label of that name. */
export const LABEL = /^labels?[.:](.+)$/;

/** What others call these columns. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  source: 'video',
  input: 'video',
  file: 'video',
  path: 'video',
  name: 'id',
  language: 'lang',
  locale: 'lang',
  track: 'audio',
  voice: 'audio',
  dub: 'audio',
  mask: 'mask_image',
  left: 'left_audio',
  right: 'right_audio',
  subtitle: 'subtitles',
};

/** What a row is made of: without one of these, or with another, it would name the wrong files or none. */
const OF_ROWS: readonly string[] = ['video', 'lang', 'id', 'audio', 'left_audio', 'right_audio'];

/** Says what is wrong with a header; `false` when the rows below it cannot be read, or each would be wrong for the same. */
export function checkHeader(
  header: readonly CsvCell[],
  report: (cell: CsvCell, finding: Finding) => void,
  missing: () => void,
): boolean {
  if (header.length === 0) {
    missing();
    return false;
  }
  const seen = new Set<string>();
  const names = new Set(header.map(({ text }) => text));
  const meant = new Set<string | null>();
  let isReadable = true;
  for (const cell of header) {
    if (seen.has(cell.text))
      report(cell, {
        code: 'CSV',
        message: `the column ${cell.text} stands here a second time`,
        expected: 'each column once',
      });
    seen.add(cell.text);
    const label = LABEL.exec(cell.text)?.[1];
    if (label !== undefined && !isLabelName(label))
      report(cell, { code: 'VALUE', message: `${quote(label)} is no name for a label`, expected: LABEL_NAME });
    if (COLUMNS.includes(cell.text) || label !== undefined) continue;
    const nearest = ownValue(OTHER_NAMES, cell.text.toLowerCase()) ?? nearestWord(cell.text, COLUMNS);
    meant.add(nearest);
    const isLacking = nearest === 'video' || (nearest !== null && !names.has(nearest));
    if (isLacking && OF_ROWS.includes(nearest)) isReadable = false;
    const expected =
      nearest === null ? `${COLUMNS.join(', ')}, or label:${cell.text || 'name'}` : meantColumn(nearest, names);
    report(cell, { code: 'UNKNOWN_KEY', message: `the column ${quote(cell.text)} is unknown`, expected });
  }
  const [first] = header;
  for (const needed of ['video', 'lang']) {
    if (seen.has(needed) || meant.has(needed) || first === undefined) continue;
    report(first, {
      code: 'MISSING',
      message: `the column ${needed} is missing`,
      expected: 'columns such as video,lang,audio',
    });
  }
  return isReadable && ['video', 'lang'].every((needed) => seen.has(needed));
}

/** Who has a column for the file beside the column `video` has ids in that. */
function meantColumn(nearest: string, names: ReadonlySet<string>): string {
  const isId = nearest === 'video' && names.has('video') && !names.has('id');
  return isId ? 'did you mean video, with id as the name of the column video?' : `did you mean ${nearest}?`;
}
