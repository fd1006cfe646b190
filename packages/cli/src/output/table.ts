/** One line of a table: its cells. */
export type TableRow = readonly string[];

/** Lines of a table whose columns line up; `right` names the columns that end flush. Columns without a word take no place. */
export function tableLines(rows: readonly TableRow[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) widen(widths, row);
  return rows.map((row) => tableLine(row, widths, right));
}

/** Makes columns wide enough for a row. */
export function widen(widths: number[], row: TableRow): void {
  row.forEach((cell, index) => {
    widths[index] = Math.max(widths[index] ?? 0, cell.length);
  });
}

/** One of {@link tableLines}, in columns of these widths. */
export function tableLine(row: TableRow, widths: readonly number[], right: readonly number[] = []): string {
  return row
    .flatMap((cell, index) => {
      const width = widths[index] ?? 0;
      if (width === 0) return [];
      return [right.includes(index) ? cell.padStart(width) : cell.padEnd(width)];
    })
    .join('  ')
    .trimEnd();
}
