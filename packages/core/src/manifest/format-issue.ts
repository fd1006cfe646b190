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

/** More warnings of one kind than these are one thing to know, not a screen for each. */
const FRAMED = 3;

/** What is shown of many: the first mistakes, and of each kind of warning the first. */
export function firstIssues(issues: readonly ManifestIssue[], most = Number.POSITIVE_INFINITY): ManifestIssue[] {
  const numbers = new Map<string, number>();
  return issues.filter(({ severity, code }) => {
    const kind = severity === 'error' ? severity : code;
    const number = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, number);
    return number <= most;
  });
}

/** One issue as a compiler prints it: place, what is wrong (what would be right) [code], source line, caret. */
export function formatIssue(issue: ManifestIssue, text: IssueText, format: IssueFormat): string {
  return createPrinter([issue], text, format)(issue);
}

/** Every issue, or the first of them, and how many there are; a line each for warnings of which there are many. */
export function formatIssues(issues: readonly ManifestIssue[], text: IssueText, format: IssueFormat): string {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const warnings = issues.length - errors;
  const totals = [
    ...(errors > 0 ? [count(errors, 'mistake')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  const shown = firstIssues(issues, format.limit?.most);
  const rest = issues.length - shown.length;
  const more = rest === 0 ? '' : `; ${rest} of them not shown: ${format.limit?.hint}`;
  const print = createPrinter(issues, text, format);
  const isBrief = inBrief(issues);
  const texts = shown.map((issue, index) => {
    const next = shown[index + 1];
    return `${print(issue, isBrief(issue))}${next && isBrief(issue) && isBrief(next) ? '\n' : '\n\n'}`;
  });
  return `${texts.join('')}${totals.join(', ')}${more}`;
}

function inBrief(issues: readonly ManifestIssue[]): (issue: ManifestIssue) => boolean {
  const numbers = new Map<string, number>();
  for (const { code } of issues) numbers.set(code, (numbers.get(code) ?? 0) + 1);
  return ({ code, severity }) => severity === 'warning' && (numbers.get(code) ?? 0) > FRAMED;
}

function createPrinter(issues: readonly ManifestIssue[], text: IssueText, format: IssueFormat) {
  const paint = createPaint(format.color);
  const secrets = issues.filter((issue) => issue.code === 'SECRET');
  const concealed = new Set(issues.filter((issue) => issue.concealed).map(lineOf));
  const files = new Map<string, readonly string[]>();

  const linesOf = (file: string) => {
    const known = files.get(file);
    if (known !== undefined) return known;
    const lines = (typeof text === 'string' ? text : text(file))?.split(/\r?\n/) ?? [];
    files.set(file, lines);
    return lines;
  };

  return (issue: ManifestIssue, brief = false): string => {
    // Names of files and what stands in them may hold anything, escape sequences too.
    const place = `${inertLine(issue.file)}:${issue.line}:${issue.column}:`;
    const warning = issue.severity === 'warning' ? `${paint.yellow('warning:')} ` : '';
    const expected = issue.expected === undefined ? '' : ` (${inertLine(issue.expected)})`;
    const code = format.codes === false ? '' : ` ${paint.dim(`[${issue.code}]`)}`;
    const head = `${paint.bold(place)} ${warning}${inertLine(issue.message)}${expected}${code}`;
    const line = brief ? undefined : linesOf(issue.file)[issue.line - 1];
    if (line === undefined) return head;
    const shown = concealed.has(lineOf(issue)) ? maskAddresses(line) : line;
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
