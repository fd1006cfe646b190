import { assetKey } from '../plan/list-assets.js';
import type { AssetSource } from '../plan/plan.js';
import type { Row, RowReader } from './csv-row.js';
import type { CsvCell } from './csv-table.js';
import { sourceOf } from './expand-track.js';
import { parseDuration } from './fields/measure-fields.js';
import { nameFault } from './fields/name-fields.js';
import { readMedia } from './fields/place-fields.js';
import { quote } from './fields/scalar.js';
import { fileStem } from './file-names.js';
import { RowVideo } from './kept-rows.js';
import type { VideoDraft } from './video-builder.js';

/** `video` is the id of a video of the manifest, or a path or URL. */
export function videoOfRow(row: Row, start: CsvCell, { rows, report, context }: RowReader): VideoDraft | null {
  const cell = row.get('video') ?? start;
  const named = context.videoOf(cell.text);
  if (named !== null) return named;
  const reading = readMedia(cell.text, 'a video’s id, a path, or an https URL');
  if (!('value' in reading)) {
    report(cell, {
      code: reading.code ?? 'VALUE',
      message: `\`video\` ${reading.problem}`,
      expected: reading.expected,
    });
    return null;
  }
  const idCell = row.get('id');
  const id = idCell?.text || fileStem(cell.text);
  const known = context.videoOf(id);
  if (known !== null) {
    if (isSameSource(known, sourceOf(cell.text, rows.resolve))) return known;
    report(idCell ?? cell, {
      code: 'DUPLICATE_ID',
      message: `two videos have the id ${quote(id)}: ${known.video.written} and ${cell.text}`,
      expected: 'a column id that tells them apart',
    });
    return null;
  }
  const fault = nameFault(id);
  if (fault !== null) {
    report(idCell ?? cell, {
      code: 'VALUE',
      message: `the id would be ${quote(id)}, ${fault}`,
      expected: 'a column id with names of letters, digits and . _ -',
    });
    return null;
  }
  const length = readLength(row.get('video_duration'), report);
  const draft = new RowVideo(rows, start, { id, written: cell.text, durationMs: length });
  context.add(draft);
  return draft;
}

function readLength(cell: CsvCell | undefined, report: RowReader['report']): number | null {
  if (cell === undefined || cell.text === '') return null;
  const length = parseDuration(cell.text);
  if (length === null)
    report(cell, {
      code: 'VALUE',
      message: `\`video_duration\` is ${quote(cell.text)}`,
      expected: 'a length with its unit, such as 31.2s',
    });
  return length;
}

function isSameSource(draft: VideoDraft, source: AssetSource): boolean {
  return assetKey(draft.video.source) === assetKey(source) && draft.video.source.kind === source.kind;
}
