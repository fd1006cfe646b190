/** A cell with its place; lines and columns count from 1. */
export interface CsvCell {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** At least 1, on the first line of the cell. */
  readonly length: number;
}

export interface CsvTable {
  readonly header: readonly CsvCell[];
  readonly rows: readonly (readonly CsvCell[])[];
  /** A quote that never ends. */
  readonly openQuote: CsvCell | null;
}

/** Reads RFC 4180 text; the separator is a comma, semicolon or tab, whichever the header has. Empty lines are skipped. */
export function readCsv(text: string): CsvTable {
  const reader = createReader(text, separatorOf(text));
  const rows: CsvCell[][] = [];
  for (let row = reader.row(); row !== null; row = reader.row()) {
    if (row.length > 1 || row[0]?.text !== '') rows.push(row);
  }
  const [header = [], ...rest] = rows;
  return { header, rows: rest, openQuote: reader.openQuote() };
}

function separatorOf(text: string): string {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ',';
}

function createReader(text: string, separator: string) {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  let lineStart = at;
  let open: CsvCell | null = null;

  function row(): CsvCell[] | null {
    if (at >= text.length) return null;
    const cells = [cell()];
    while (text[at] === separator) {
      at += 1;
      cells.push(cell());
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    line += 1;
    lineStart = at;
    return cells;
  }

  function cell(): CsvCell {
    const start = { line, column: at - lineStart + 1 };
    if (text[at] === '"') return quoted(start);
    const from = at;
    while (
      at < text.length &&
      text[at] !== separator &&
      text[at] !== '\n' &&
      !(text[at] === '\r' && text[at + 1] === '\n')
    )
      at += 1;
    const written = text.slice(from, at);
    const lead = written.length - written.trimStart().length;
    const trimmed = written.trim();
    return { text: trimmed, line, column: start.column + lead, length: Math.max(1, trimmed.length) };
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
      ...start,
      length: Math.max(1, (text.slice(from, at + 1).split('\n')[0] ?? '').length),
    };
    if (at >= text.length) open = result;
    at += 1;
    // What follows the closing quote up to the separator belongs to no cell.
    while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1;
    return result;
  }

  return { row, openQuote: () => open };
}
