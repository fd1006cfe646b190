/**
 * Kinds of mistake in a manifest. A code never changes its meaning.
 *
 * `FILE_MISSING` and `MEDIA` are about the media files rather than the text: `--keep-going` forgives them.
 */
export const MANIFEST_ISSUE_CODES = [
  'ENCODING',
  'YAML',
  'DUPLICATE_KEY',
  'UNKNOWN_KEY',
  'MISSING',
  'TYPE',
  'VALUE',
  'CONFLICT',
  'SECRET',
  'EXTENDS',
  'UNKNOWN_PROVIDER',
  'DUPLICATE_ID',
  'LANGUAGE',
  'DUPLICATE_LANGUAGE',
  'OUTPUT_CLASH',
  'NO_MATCH',
  'TWO_FILES',
  'MISSING_TRACK',
  'EXTRA_TRACK',
  'CSV',
  'FILE_MISSING',
  'MEDIA',
  'LENGTH_DIFFERS',
  'LENGTH_UNDERSTATED',
  'LENGTH_OVERSTATED',
  'SUBTITLES_LATE',
  'SEPARATE_VOICES',
  'AUDIO_IS_VIDEO',
  'NO_ROUTE',
  'UNUSED_CAP',
] as const;

export type ManifestIssueCode = (typeof MANIFEST_ISSUE_CODES)[number];

/** Where in a file; lines and columns count from 1, columns and length in UTF-16 units. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** At least 1; ends on the same line. */
  readonly length: number;
}

/** One mistake, or one thing worth saying, at one place. */
export interface ManifestIssue extends Span {
  readonly code: ManifestIssueCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong. */
  readonly message: string;
  /** What would be right. */
  readonly expected?: string;
  /** A URL that stands there may be all that somebody needs who should not have it. */
  readonly concealed?: boolean;
  /** Key of the one job that it is about, for commands that are about some jobs only. */
  readonly job?: string;
}

/** What is wrong and what would be right, before anyone looked up where it stands. */
export interface Finding {
  readonly code: ManifestIssueCode;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly concealed?: boolean | undefined;
}

/** A finding with its place. */
export function issueAt(span: Span, finding: Finding, severity: ManifestIssue['severity'] = 'error'): ManifestIssue {
  const { code, message, expected, concealed } = finding;
  const more = { ...(expected === undefined ? {} : { expected }), ...(concealed ? { concealed } : {}) };
  return { code, severity, ...span, message, ...more };
}

/** In the order of the file, and each once: what an alias repeats is one mistake. */
export function sortIssues(issues: readonly ManifestIssue[]): ManifestIssue[] {
  const sorted = [...issues].sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
  return sorted.filter((issue, index) => !isSame(issue, sorted[index - 1]));
}

function isSame(a: ManifestIssue, b: ManifestIssue | undefined): boolean {
  return b !== undefined && a.message === b.message && a.line === b.line && a.column === b.column && a.file === b.file;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
