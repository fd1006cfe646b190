import type { LineCounter, YAMLError } from 'yaml';
import { issueAt, type ManifestIssue } from './manifest-issue.js';
import { spanOf } from './manifest-source.js';

const QUOTES = 'put a text with ": " or " #" in it in quotes';

/** Plain words for what the YAML parser reports by code. */
const WORDS: Readonly<Record<string, readonly [message: string, expected: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'spaces'],
  BAD_INDENT: ['this line is indented unlike its neighbours', 'as many spaces as the other items of the same level'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " stands on one line', QUOTES],
  MULTILINE_IMPLICIT_KEY: ['a key runs over more than one line', 'a colon and a space after the key'],
  MISSING_CHAR: ['something is missing here', 'the closing quote, the bracket, or a colon after the key'],
  BAD_ALIAS: ['this alias is not what it seems', 'a text that starts with * in quotes'],
  MULTIPLE_DOCS: ['a second document starts here', 'one manifest a file, without ---'],
  UNEXPECTED_TOKEN: ['this does not belong here', QUOTES],
  BAD_SCALAR_START: ['a text cannot start with this character', 'the text in quotes'],
  BAD_DQ_ESCAPE: ['this escape is unknown between double quotes', 'single quotes, where \\ means itself'],
};

/** A mistake in the YAML itself. */
export function yamlIssue(error: YAMLError, file: string, lines: LineCounter, text: string): ManifestIssue {
  const [start, end] = error.pos;
  const span = spanOf(file, lines, text, start, Math.max(end, start + 1));
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]+|^"[^"]*"/.exec(text.slice(start))?.[0] ?? '';
    const duplicate = { ...span, length: Math.max(1, key.length) };
    return issueAt(duplicate, {
      code: 'DUPLICATE_KEY',
      message: `\`${key}\` stands here a second time`,
      expected: 'each key once',
    });
  }
  const [message, expected] = WORDS[error.code] ?? ['this is no YAML', 'a list, a mapping or a text'];
  const detail = error.message.replace(/\s+at line \d+, column \d+[\s\S]*$/, '').replace(/\.$/, '');
  return issueAt(span, {
    code: 'YAML',
    message: `${message}: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}`,
    expected,
  });
}
