import { fillTemplate } from '../manifest/fields/template-fields.js';
import type { Finding } from '../manifest/manifest-issue.js';
import { foldedName } from '../text/folded-name.js';
import { safeFileName } from '../text/safe-file-name.js';

/** File systems take 255 bytes; sidecars and unfinished files add their endings to an output's name. */
const LONGEST_SEGMENT = 200;

export const DEFAULT_OUTPUT_NAME = '{video}/{video}.{lang}.mp4';

/** A job's output file relative to its batch's folder, fit for every common file system. */
export function outputName(template: string, names: { video: string; lang: string }): string {
  const values = { video: safeFileName(names.video, 100), lang: safeFileName(names.lang, 60) };
  return fillTemplate(template, values)
    .split('/')
    .map((segment) => safeFileName(segment, LONGEST_SEGMENT))
    .join('/');
}

/** Folder of the batch that keeps what providers made where outputs have another sound. */
export const ORIGINALS_FOLDER = 'originals';

/** Folder of the batch that holds previews. */
export const PREVIEW_FOLDER = 'preview';

/** Folder of the batch that holds its reports, and in them copies of videos. */
export const REPORT_FOLDER = 'report';

/** Folders of the batch that hold its reports, the outputs that newer ones took the place of, and previews. */
const KEPT_FOLDERS = [REPORT_FOLDER, 'replaced', PREVIEW_FOLDER, ORIGINALS_FOLDER];

export function clashFinding(key: string, first: string, output: string): Finding {
  return {
    code: 'OUTPUT_CLASH',
    message: `${key} and ${first} would both be written to ${output}`,
    expected: `an output.name that tells them apart, such as ${DEFAULT_OUTPUT_NAME}`,
  };
}

/** An output in a folder that is not for outputs; `null` when it is in none. */
export function keptFolderFinding(key: string, output: string): Finding | null {
  const [folder = '', ...rest] = output.split('/');
  if (rest.length === 0 || !KEPT_FOLDERS.includes(foldedName(folder))) return null;
  const message = `${key} would be written to ${output}, and the folder ${folder} is kept for other files`;
  return { code: 'OUTPUT_CLASH', message, expected: 'another id or another output.name' };
}
