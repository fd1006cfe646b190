import { fillTemplate } from '../manifest/fields/template-fields.js';
import { safeFileName } from '../text/safe-file-name.js';

export const DEFAULT_OUTPUT_NAME = '{video}/{video}.{lang}.mp4';

/** A job's output file relative to its batch's folder, fit for every common file system. */
export function outputName(template: string, names: { video: string; lang: string }): string {
  const values = { video: safeFileName(names.video, 100), lang: safeFileName(names.lang, 60) };
  return fillTemplate(template, values)
    .split('/')
    .map((segment) => safeFileName(segment, 240))
    .join('/');
}

/** Two outputs with one folded name are one file on some file systems. */
export function foldedName(output: string): string {
  return output.normalize('NFC').toLowerCase();
}
