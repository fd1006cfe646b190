import type { RunRow } from '../../src/view-model/index.js';

interface Props {
  readonly rows: readonly RunRow[];
  /** Addresses of the pages that runs left, by the run's id. */
  readonly pages: Readonly<Record<string, string>>;
}

/** What each run did: last night's is the first. */
export function RunTable({ rows, pages }: Props) {
  return (
    <>
      <h3>Runs</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll-x" tabIndex={0} aria-label="Runs">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Started</th>
              {['Took', 'Attempts made', 'Completed', 'Billed'].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
              <th scope="col">Ended</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {Object.hasOwn(pages, row.id) ? <a href={pages[row.id]}>{row.started}</a> : row.started}
                </th>
                <td class="number">{row.took}</td>
                <td class="number">{row.attempts}</td>
                <td class="number">{row.completed}</td>
                <td class="number">{row.billed}</td>
                <td class="wrap">{row.ended}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
