import { formatNumber, type TimeRow } from '../../src/view-model/index.js';
import { FiguresTable } from '../parts/figures-table.js';

interface Props {
  readonly title: string;
  /** What its rows are. */
  readonly of: string;
  readonly note?: string;
  readonly rows: readonly TimeRow[];
}

const FIGURES = ['Attempts', 'Half within', '90% within', '99% within', 'Slowest'];

/** Percentiles of how long things took. */
export function TimeTable({ title, of, note, rows }: Props) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      {note && <p class="muted under-heading">{note}</p>}
      <FiguresTable label={title} of={of} figures={FIGURES}>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td class="number">{formatNumber(row.count)}</td>
            <td class="number">{row.median}</td>
            <td class="number">{row.p90}</td>
            <td class="number">{row.p99}</td>
            <td class="number">{row.slowest}</td>
          </tr>
        ))}
      </FiguresTable>
    </>
  );
}
