/** What one family writes into the results. */
export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly lines: readonly string[];
}

/** A Markdown table; all columns but the first hold figures. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)];
}

export function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}
