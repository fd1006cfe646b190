import { maskAddresses } from '../text/mask-secrets.js';
import { inertLine } from '../text/plain-text.js';
import { count } from '../text/words.js';
import { codeFrame } from './code-frame.js';
import type { ManifestIssue } from './manifest-issue.js';

export interface IssueFormat {
  readonly color: boolean;
  /** Without codes where an error above has said its own. */
  readonly codes?: boolean;
  /** Not all of many are shown, and what shows the rest is said. */
  readonly limit?: { readonly most: number; readonly hint: string };
}

/** Texts of the files that issues are about: one text for all, or by file name. */
export type IssueText = string | ((file: string) => string | null);

/** One issue as a compiler prints it: place, what is wrong (what would be right) [code], source line, caret. */
export function formatIssue(issue: ManifestIssue, text: IssueText, format: IssueFormat): string {
  return createPrinter([issue], text, format)(issue);
}

/** Every issue, or the first of them, and how many there are. */
export function formatIssues(issues: readonly ManifestIssue[], text: IssueText, format: IssueFormat): string {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const warnings = issues.length - errors;
  const totals = [
    ...(errors > 0 ? [count(errors, 'mistake')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  const shown = issues.slice(0, format.limit?.most);
  const rest = issues.length - shown.length;
  const more = rest === 0 ? '' : `; ${rest} of them not shown: ${format.limit?.hint}`;
  return [...shown.map(createPrinter(issues, text, format)), `${totals.join(', ')}${more}`].join('\n\n');
}

function createPrinter(issues: readonly ManifestIssue[], text: IssueText, format: IssueFormat) {
  const paint = createPaint(format.color);
  const secrets = issues.filter((issue) => issue.code === 'SECRET');
  // What stands under a key that is unknown may be a secret: a webhook's URL where the name of its variable belongs.
  const unknownAt = new Set(issues.filter(({ code }) => code === 'UNKNOWN_KEY').map(lineOf));
  const files = new Map<string, readonly string[]>();

  const linesOf = (file: string) => {
    const known = files.get(file);
    if (known !== undefined) return known;
    const lines = (typeof text === 'string' ? text : text(file))?.split(/\r?\n/) ?? [];
    files.set(file, lines);
    return lines;
  };

  return (issue: ManifestIssue): string => {
    // Names of files and what stands in them may hold anything, escape sequences too.
    const place = `${inertLine(issue.file)}:${issue.line}:${issue.column}:`;
    const warning = issue.severity === 'warning' ? `${paint.yellow('warning:')} ` : '';
    const expected = issue.expected === undefined ? '' : ` (${inertLine(issue.expected)})`;
    const code = format.codes === false ? '' : ` ${paint.dim(`[${issue.code}]`)}`;
    const head = `${paint.bold(place)} ${warning}${inertLine(issue.message)}${expected}${code}`;
    const line = linesOf(issue.file)[issue.line - 1];
    if (line === undefined) return head;
    const shown = unknownAt.has(lineOf(issue)) ? maskAddresses(line) : line;
    const hidden = secrets.filter((secret) => secret.file === issue.file && secret.line === issue.line);
    return `${head}\n${codeFrame(shown, issue, hidden, paint)}`;
  };
}

function lineOf({ file, line }: ManifestIssue): string {
  return `${line} ${file}`;
}

function createPaint(color: boolean) {
  const wrap = (code: string) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: wrap('1'), dim: wrap('2'), red: wrap('31'), yellow: wrap('33') };
}
