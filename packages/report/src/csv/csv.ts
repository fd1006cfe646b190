export type CsvValue = string | number | null;

/** Spreadsheets of East Asian locales take the full-width signs for the others, and some skip spaces before them. */
const STARTS_A_FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u;
const NEEDS_QUOTES = /[",\r\n]/;

/** A table as RFC 4180 text: CRLF line ends, quotes doubled, a header line. */
export function csvTable(header: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  return [header, ...rows].map(csvLine).join('');
}

/** One line of such a table, with its end. */
export function csvLine(cells: readonly CsvValue[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * One cell. Spreadsheets run a text that starts with = + - @ tab or CR as a formula; an apostrophe before it makes it
 * text again. Numbers are ours and stay numbers; what is unknown is empty, never zero.
 */
export function csvCell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = STARTS_A_FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
