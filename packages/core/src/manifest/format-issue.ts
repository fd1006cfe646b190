import { count } from '../text/words.js';
import type { ManifestIssue } from './manifest-issue.js';

export interface IssueFormat {
  readonly color: boolean;
}

/** Texts of the files that issues are about: one text for all, or by file name. */
export type IssueText = string | ((file: string) => string | null);

/** One issue as a compiler prints it: place, what is wrong (what would be right), source line, caret. */
export function formatIssue(issue: ManifestIssue, text: IssueText, format: IssueFormat): string {
  const paint = painter(format.color);
  const place = `${issue.file}:${issue.line}:${issue.column}:`;
  const warning = issue.severity === 'warning' ? `${paint.yellow('warning:')} ` : '';
  const expected = issue.expected === undefined ? '' : ` (${issue.expected})`;
  const head = `${paint.bold(place)} ${warning}${issue.message}${expected}`;
  const source = typeof text === 'string' ? text : text(issue.file);
  const frame = source === null ? null : codeFrame(issue, source, paint);
  return frame === null ? head : `${head}\n${frame}`;
}

/** Every issue, and how many there are. */
export function formatIssues(issues: readonly ManifestIssue[], text: IssueText, format: IssueFormat): string {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const warnings = issues.length - errors;
  const totals = [
    ...(errors > 0 ? [count(errors, 'mistake')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  return [...issues.map((issue) => formatIssue(issue, text, format)), totals.join(', ')].join('\n\n');
}

const WIDTH = 110;

function codeFrame(issue: ManifestIssue, text: string, paint: ReturnType<typeof painter>): string | null {
  const line = lineOf(text, issue.line);
  if (line === null) return null;
  const start = issue.column - 1;
  const length = Math.max(1, Math.min(issue.length, line.length - start));
  // A key that stands in the file must not reach a terminal or a log.
  const shown = issue.code === 'SECRET' ? line.slice(0, start) + '*'.repeat(length) + line.slice(start + length) : line;
  const from = start + Math.min(length, 20) > WIDTH ? start - 20 : 0;
  const cut = clean(
    `${from > 0 ? '…' : ''}${shown.slice(from, from + WIDTH)}${shown.length > from + WIDTH ? '…' : ''}`,
  );
  const before = shown.slice(from, start);
  const indent = displayWidth(before) + (from > 0 ? 1 : 0);
  const carets = '^'.repeat(Math.max(1, Math.min(displayWidth(shown.slice(start, start + length)), WIDTH - indent)));
  const gutter = `${issue.line}`;
  const blank = ' '.repeat(gutter.length);
  return `${paint.dim(`  ${gutter} |`)} ${cut}\n${paint.dim(`  ${blank} |`)} ${' '.repeat(indent)}${paint.red(carets)}`;
}

function lineOf(text: string, number: number): string | null {
  let start = 0;
  for (let line = 1; line < number; line += 1) {
    const next = text.indexOf('\n', start);
    if (next === -1) return null;
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
}

function clean(line: string): string {
  return line.replace(/\t/g, ' ').replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '�');
}

/** Columns that a text takes in a terminal: East Asian wide characters take two, marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

function painter(color: boolean) {
  const wrap = (code: string) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: wrap('1'), dim: wrap('2'), red: wrap('31'), yellow: wrap('33') };
}
