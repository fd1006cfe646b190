import { formatNumber, type TimeRow } from '../../src/view-model/index.js';

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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll-x" tabIndex={0} aria-label={title}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{of}</th>
              {FIGURES.map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
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
          </tbody>
        </table>
      </section>
    </>
  );
}
