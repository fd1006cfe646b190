import type { LineCounter, YAMLError } from 'yaml';
import { issueAt, type ManifestIssue } from './manifest-issue.js';
import { spanOf } from './manifest-source.js';

const QUOTES = 'put a text with ": " or " #" in it in quotes';

/** Plain words for what the YAML parser reports by code. */
const WORDS: Readonly<Record<string, readonly [message: string, expected: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'spaces'],
  BAD_INDENT: ['this line is indented unlike its neighbours', 'as many spaces as the other items of the same level'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " stands on one line', QUOTES],
  MULTILINE_IMPLICIT_KEY: ['this key runs over more than one line', 'a colon and a space after the key'],
  BAD_ALIAS: ['this alias cannot be read', 'a text that starts with * in quotes'],
  MULTIPLE_DOCS: ['a second document starts here', 'one manifest a file, without ---'],
  UNEXPECTED_TOKEN: ['this does not belong here', QUOTES],
  BAD_SCALAR_START: ['a text cannot start with this character', 'the text in quotes'],
  BAD_DQ_ESCAPE: ['this escape is unknown between double quotes', 'single quotes, where \\ means itself'],
};

/** Mistakes in the YAML itself. One a line: what follows the first on its line is a consequence of it. */
export function yamlIssues(
  errors: readonly YAMLError[],
  file: string,
  lines: LineCounter,
  text: string,
): ManifestIssue[] {
  const byLine = new Map<number, ManifestIssue>();
  for (const error of errors) {
    const issue = yamlIssue(error, file, lines, text);
    if (!byLine.has(issue.line)) byLine.set(issue.line, issue);
  }
  return [...byLine.values()];
}

function yamlIssue(error: YAMLError, file: string, lines: LineCounter, text: string): ManifestIssue {
  // What is missing at the end of the text is shown where the text ends.
  const last = Math.max(0, text.trimEnd().length - 1);
  const start = Math.min(error.pos[0], last);
  const span = spanOf(file, lines, text, start, Math.max(Math.min(error.pos[1], last + 1), start + 1));
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]+|^"[^"]*"/.exec(text.slice(start))?.[0] ?? '';
    const duplicate = { ...span, length: Math.max(1, key.length) };
    return issueAt(duplicate, {
      code: 'DUPLICATE_KEY',
      message: `\`${key}\` stands here a second time`,
      expected: 'each key once',
    });
  }
  const [message, expected] = missingPart(error) ?? WORDS[error.code] ?? unnamed(error.message);
  return issueAt(span, { code: 'YAML', message, expected });
}

function missingPart({ code, message }: YAMLError): readonly [string, string] | null {
  if (/closing .quote/.test(message)) return ['a quote before this is never closed', 'a closing quote'];
  const bracket = /end with an? ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined) return ['a bracket before this is never closed', `a closing ${bracket}`];
  if (code === 'TAG_RESOLVE_FAILED')
    return ['this tag is unknown', 'the value without a tag; a text that starts with ! in quotes'];
  return code === 'MISSING_CHAR'
    ? ['something is missing here', 'a colon and a space after a key, a comma between items']
    : null;
}

function unnamed(message: string): readonly [string, string] {
  return [`this is no YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, 'a list, a mapping or a text'];
}
