import { isCollection, isScalar, type Node, visit, type YAMLError } from 'yaml';
import { issueAt, type ManifestIssue } from './manifest-issue.js';
import { type SourceText, spanOf } from './manifest-source.js';

const QUOTES = 'put a text with ": " or " #" in it in quotes';

const UNLIKE: readonly [string, string] = [
  'this line is indented unlike its neighbours',
  'as many spaces as the other items of the same level',
];

/** Plain words for what the YAML parser reports by code. */
const WORDS: Readonly<Record<string, readonly [message: string, expected: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'spaces'],
  BAD_INDENT: UNLIKE,
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " stands on one line', QUOTES],
  MULTILINE_IMPLICIT_KEY: ['this key runs over more than one line', 'a colon and a space after the key'],
  BAD_ALIAS: ['this alias cannot be read', 'a text that starts with * in quotes'],
  MULTIPLE_DOCS: ['a second document starts here', 'one manifest a file, without ---'],
  UNEXPECTED_TOKEN: ['this does not belong here', QUOTES],
  BAD_SCALAR_START: ['a text cannot start with this character', 'the text in quotes'],
  BAD_DQ_ESCAPE: ['this escape is unknown between double quotes', 'single quotes, where \\ means itself'],
};

/** Mistakes in the YAML itself. One a line: what follows the first on its line is a consequence of it. */
export function yamlIssues(source: SourceText): ManifestIssue[] {
  const { errors, warnings } = source.document;
  const byLine = new Map<number, ManifestIssue>();
  for (const [index, error] of errors.concat(warnings).entries()) {
    if (isRepeated(error, errors[index - 1])) continue;
    const issue = openIssue(error, source) ?? yamlIssue(error, source);
    if (!byLine.has(issue.line)) byLine.set(issue.line, issue);
    // Whatever comes behind it was read as a part of what never ends.
    if (isOpen(error)) break;
  }
  return [...byLine.values()];
}

function yamlIssue(error: YAMLError, { file, lines, text }: SourceText): ManifestIssue {
  // What is missing at the end of the text is shown where the text ends.
  const last = Math.max(0, text.trimEnd().length - 1);
  const start = Math.min(placeOf(error, text), last);
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
  const [message, expected] =
    indented(error, text) ?? missingPart(error) ?? WORDS[error.code] ?? unnamed(error.message);
  return issueAt(span, { code: 'YAML', message, expected });
}

/** A key that the parser takes for the rest of the text above it is one mistake, told twice. */
function isRepeated(error: YAMLError, last: YAMLError | undefined): boolean {
  return (
    error.code === 'MULTILINE_IMPLICIT_KEY' && last?.code === 'BLOCK_AS_IMPLICIT_KEY' && last.pos[0] === error.pos[0]
  );
}

const QUOTE = /closing (.)quote/;
const BRACKET = /end with an? ([\]}])/;

function isOpen({ message }: YAMLError): boolean {
  return QUOTE.test(message) || BRACKET.test(message);
}

/** A quote or bracket that is never closed is shown where it was opened: it is noticed far behind that. */
function openIssue(error: YAMLError, source: SourceText): ManifestIssue | null {
  const quote = QUOTE.exec(error.message)?.[1];
  const bracket = BRACKET.exec(error.message)?.[1];
  if (quote === undefined && bracket === undefined) return null;
  const isOne = (node: Node) =>
    bracket === undefined
      ? isScalar(node) && node.type?.startsWith('QUOTE') === true
      : isCollection(node) && node.flow === true;
  const place = lastOpened(source, error.pos[0], isOne, quote ?? bracket ?? '');
  if (place === null) return null;
  const [what, closing] = bracket === undefined ? ['quote', 'a closing quote'] : ['bracket', `a closing ${bracket}`];
  const span = spanOf(source.file, source.lines, source.text, place, place + 1);
  return issueAt(span, { code: 'YAML', message: `this ${what} is never closed`, expected: closing });
}

/** Where the last of what begins before a place, and does not end with its closing character, begins. */
function lastOpened(
  { document, text }: SourceText,
  before: number,
  isOne: (node: Node) => boolean,
  closing: string,
): number | null {
  let found: number | null = null;
  visit(document, {
    Node(_key, node) {
      const [start, end] = node.range ?? [before, before];
      if (start >= before || !isOne(node) || (end > start + 1 && text[end - 1] === closing)) return;
      found = Math.max(found ?? 0, start);
    },
  });
  return found;
}

/** A key that stands too far to the left or to the right; the parser reads it as something else. */
function indented(error: YAMLError, text: string): readonly [string, string] | null {
  return strayKey(error, text) === null ? null : UNLIKE;
}

/** Lines without a word, and what is left of the first word of the next. */
const BLANK = /^(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*/;

/** Where the words of the line begin that an error is about; its blanks tell nothing. */
function placeOf(error: YAMLError, text: string): number {
  const [start] = error.pos;
  const stray = strayKey(error, text);
  if (stray !== null || error.code !== 'BAD_INDENT') return stray ?? start;
  return start + (BLANK.exec(text.slice(start, start + 10_000))?.[0].length ?? 0);
}

/** Where a key begins whose indentation makes it no key; `null` where an error is about something else. */
function strayKey({ code, message, pos }: YAMLError, text: string): number | null {
  const [start] = pos;
  const rest = text.slice(start, start + 10_000);
  if (message === 'Sequence item without - indicator') return start + (/^\s*/.exec(rest)?.[0].length ?? 0);
  if (code !== 'BLOCK_AS_IMPLICIT_KEY') return null;
  // A text that goes on in the next line, where a key follows that is indented deeper than the one above it.
  const next = /^[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]+(?=[^\s:#'"{[-][^\n:]*:(?:\s|$))/.exec(rest)?.[0];
  const own = /^[^\n]*/.exec(rest)?.[0] ?? '';
  return next === undefined || /: /.test(own) ? null : start + next.length;
}

function missingPart({ code }: YAMLError): readonly [string, string] | null {
  if (code === 'TAG_RESOLVE_FAILED')
    return ['this tag is unknown', 'the value without a tag; a text that starts with ! in quotes'];
  return code === 'MISSING_CHAR'
    ? ['something is missing here', 'a colon and a space after a key, a comma between items']
    : null;
}

function unnamed(message: string): readonly [string, string] {
  return [`this is no YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, 'a list, a mapping or a text'];
}
