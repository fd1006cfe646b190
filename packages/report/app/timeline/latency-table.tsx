import { formatNumber, type LatencyRow } from '../../src/view-model/index.js';

/** How long each route took to make one video. */
export function LatencyTable({ rows }: { readonly rows: readonly LatencyRow[] }) {
  return (
    <>
      <h3>Time at the provider</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll-x" tabIndex={0} aria-label="Time at the provider by route">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Route</th>
              {['Completed', 'Half within', '90% within', '99% within', 'Slowest'].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.route}>
                <th scope="row">{row.route}</th>
                <td class="number">{formatNumber(row.completed)}</td>
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
