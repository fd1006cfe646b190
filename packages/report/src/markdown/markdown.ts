import { plainText } from '@localize/core';

const SPECIAL = /[\\`*_{}[\]()<>#+\-.!|~$@:&]/g;
/** Characters that no Markdown dialect gives a meaning inside a word, so that names stay readable in the source. */
const HARMLESS = /^[\p{L}\p{N} ,;%/’'".-]*$/u;

/** Text from elsewhere as Markdown that shows it literally: no markup, no link, no mention, no HTML. */
export function markdownText(text: string, limit = 300): string {
  const line = plainText(text, limit);
  if (HARMLESS.test(line) && !/^[-\d]|www\./.test(line)) return line;
  return line.replace(SPECIAL, (character) => `&#${character.charCodeAt(0)};`);
}

/** A command or a name as a code span, fenced by more backticks than it holds. */
export function markdownCode(text: string, limit = 500): string {
  const line = plainText(text, limit);
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** The same inside a table cell, where a bar would end the cell. */
export function markdownCellCode(text: string, limit = 500): string {
  return markdownCode(text, limit).replaceAll('|', '\\|');
}

/** A table; cells are Markdown already. Columns after the first are aligned right when they hold figures. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  figures: readonly number[] = [],
): string {
  const rule = header.map((_, index) => (figures.includes(index) ? '---:' : '---'));
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
