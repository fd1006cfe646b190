/** Lines of a table whose columns line up; `right` names the columns that end flush. Columns without a word take no place. */
export function tableLines(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .flatMap((cell, index) => {
        const width = widths[index] ?? 0;
        if (width === 0) return [];
        return [right.includes(index) ? cell.padStart(width) : cell.padEnd(width)];
      })
      .join('  ')
      .trimEnd(),
  );
}
