export type CsvValue = string | number | null;

/** Spreadsheets of East Asian locales take the full-width signs for the others, and some skip spaces before them. */
const STARTS_A_FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u;
const NEEDS_QUOTES = /[",\r\n]/;
/** What moves a terminal's cursor, rings its bell or colors it: a CSV may be written to one. */
const CONTROL = /(?:(?![\t\r\n])\p{Cc})+/gu;
/** What turns the text around that follows it, of other cells too. */
const TURNS_TEXT = /[\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g;

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
 * text again. Control characters but tabs and line breaks become spaces, and what turns text around is left out. Numbers are ours and stay numbers; what is unknown is empty, never zero.
 */
export function csvCell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = value.replace(CONTROL, ' ').replace(TURNS_TEXT, '');
  const text = STARTS_A_FORMULA.test(shown) ? `'${shown}` : shown;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
