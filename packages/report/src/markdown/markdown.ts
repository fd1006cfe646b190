import { plainText } from '@localize/core';

/** What no Markdown dialect gives a meaning within a line: a colon or a dollar only where no emoji or formula begins. */
const HARMLESS = /^(?:[\p{L}\p{N} ,;%/()’'“”–".-]|:(?=[\s\d]|$)|\$(?=\d))*$/u;
/** What would begin a list or a rule, or become a link. */
const MEANS_MORE = /^(?:-|\d+[.)])|www\./;

/**
 * Text from elsewhere as Markdown that shows it literally: as it is where that is harmless, else as a code span. Escaped
 * characters would do for a forge; a chat shows the escapes.
 */
export function markdownText(text: string, limit = 300): string {
  const line = plainText(text, limit);
  return HARMLESS.test(line) && !MEANS_MORE.test(line) ? line : markdownCode(line, limit);
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
