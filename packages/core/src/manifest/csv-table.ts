/** A cell with its place; lines and columns count from 1. */
export interface CsvCell {
  readonly text: string;
  /** Where it begins in the text, its quote included. */
  readonly at: number;
  readonly line: number;
  readonly column: number;
  /** At least 1, on the first line of the cell. */
  readonly length: number;
}

export interface CsvTable {
  readonly header: readonly CsvCell[];
  /** Read one at a time, once, so that a large file is never in memory as cells. */
  readonly rows: Iterable<readonly CsvCell[]>;
  /** The cells of a row that was read before. */
  rowAt(start: RowStart): readonly CsvCell[];
  /** A quote that never ends; known after the last row. */
  openQuote(): CsvCell | null;
  /** What first stands between a closing quote and the end of its cell, and so in no cell; known after the last row. */
  afterQuote(): CsvCell | null;
}

/** Where a row begins: its first cell. */
export type RowStart = Pick<CsvCell, 'at' | 'line'>;

/** Reads RFC 4180 text; the separator is a comma, semicolon or tab, whichever the header has. Rows of empty cells are skipped. */
export function readCsv(text: string): CsvTable {
  const separator = separatorOf(text);
  const reader = createReader(text, separator, { at: text.startsWith('\ufeff') ? 1 : 0, line: 1 });
  const rows = fullRows(reader.row);
  return {
    header: rows.next().value ?? [],
    rows,
    rowAt: (start) => createReader(text, separator, start).row() ?? [],
    openQuote: reader.openQuote,
    afterQuote: reader.afterQuote,
  };
}

function* fullRows(next: () => CsvCell[] | null): Generator<CsvCell[], undefined> {
  for (let row = next(); row !== null; row = next()) {
    if (row.some(({ text }) => text !== '')) yield row;
  }
}

function separatorOf(text: string): string {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ',';
}

const [NEWLINE, RETURN] = [10, 13];

function createReader(text: string, separator: string, start: RowStart) {
  const between = separator.charCodeAt(0);
  let { at, line } = start;
  let lineStart = at;
  let open: CsvCell | null = null;
  let stray: CsvCell | null = null;
  /** What the cells of the row before say; nothing of those in quotes, which may hold a separator. */
  const above: (string | undefined)[] = [];

  function row(): CsvCell[] | null {
    if (at >= text.length) return null;
    const cells = [cell(0)];
    while (text[at] === separator) {
      at += 1;
      cells.push(cell(cells.length));
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    line += 1;
    lineStart = at;
    return cells;
  }

  function cell(index: number): CsvCell {
    const start = { line, column: at - lineStart + 1 };
    if (text[at] === '"') {
      above[index] = undefined;
      return quoted(start);
    }
    return sameAsAbove(above[index], start) ?? written(index, start);
  }

  /** Most columns say the same for many rows: it is one text for all of them, which takes no more room. */
  function sameAsAbove(said: string | undefined, start: { line: number; column: number }): CsvCell | null {
    if (said === undefined || !text.startsWith(said, at) || !isEnd(at + said.length)) return null;
    const from = at;
    at += said.length;
    return { text: said, at: from, ...start, length: Math.max(1, said.length) };
  }

  function isEnd(index: number): boolean {
    const code = text.charCodeAt(index);
    return index >= text.length || code === between || code === NEWLINE;
  }

  function written(index: number, start: { line: number; column: number }): CsvCell {
    const from = at;
    at = endOfCell(at);
    const whole = text.slice(from, at);
    const trimmed = whole.trim();
    const lead = trimmed.length === whole.length ? 0 : whole.length - whole.trimStart().length;
    above[index] = trimmed;
    return { text: trimmed, at: from, line, column: start.column + lead, length: Math.max(1, trimmed.length) };
  }

  function endOfCell(from: number): number {
    for (let index = from; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === between || code === NEWLINE) return index;
      if (code === RETURN && text.charCodeAt(index + 1) === NEWLINE) return index;
    }
    return text.length;
  }

  function quoted(start: { line: number; column: number }): CsvCell {
    const from = at;
    let value = '';
    at += 1;
    while (at < text.length) {
      if (text[at] === '"' && text[at + 1] !== '"') break;
      if (text[at] === '"') at += 1;
      if (text[at] === '\n') {
        line += 1;
        lineStart = at + 1;
      }
      value += text[at];
      at += 1;
    }
    const result = {
      text: value,
      at: from,
      ...start,
      length: Math.max(1, (text.slice(from, at + 1).split('\n')[0] ?? '').length),
    };
    if (at >= text.length) open = result;
    at += 1;
    skipToSeparator();
    return result;
  }

  /** What follows a closing quote belongs to no cell; blanks are no loss. */
  function skipToSeparator(): void {
    const from = at;
    while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1;
    const skipped = text.slice(from, at);
    const words = skipped.trim();
    const lead = skipped.length - skipped.trimStart().length;
    if (words !== '')
      stray ??= { text: words, at: from, line, column: from + lead - lineStart + 1, length: words.length };
  }

  return { row, openQuote: () => open, afterQuote: () => stray };
}
