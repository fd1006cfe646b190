import type { RouteSpreadRow } from '../../src/view-model/index.js';
import { FiguresTable } from '../parts/figures-table.js';

/** What the same work would be on other routes, by estimate. */
export function RouteSpreadTable({ rows }: { readonly rows: readonly RouteSpreadRow[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>The same work on other routes</h3>
      <p class="muted under-heading">By estimate: jobs whose settings name another route too.</p>
      <FiguresTable
        label="The same work on other routes"
        of="Route"
        figures={['Jobs it could make', 'There', 'Where they are', 'Difference']}
      >
        {rows.map((row) => (
          <tr key={row.route}>
            <th scope="row">
              <bdi>{row.route}</bdi>
            </th>
            <td class="number">{row.jobs}</td>
            <td class="number">{row.there}</td>
            <td class="number">{row.here}</td>
            <td class="number strong">{row.difference}</td>
          </tr>
        ))}
      </FiguresTable>
    </>
  );
}
