import { plainText } from '@localize/core';
import type { RunRow } from '../../src/view-model/index.js';
import { FiguresTable } from '../parts/figures-table.js';

interface Props {
  readonly rows: readonly RunRow[];
  /** Addresses of the pages that runs left, by the run's id. */
  readonly pages: Readonly<Record<string, string>>;
  /** The run whose page this is. */
  readonly ownRun: string | null;
  /** As the user types it. */
  readonly manifest: string;
}

/** What each run did: last night's is the first. */
export function RunTable({ rows, pages, ownRun, manifest }: Props) {
  const tookOver = rows.some(({ taken }) => taken !== '0');
  return (
    <>
      <h3>Runs</h3>
      <FiguresTable
        label="Runs"
        of="Started"
        figures={['Took', 'Attempts made', 'Fetched', ...(tookOver ? ['Taken over'] : []), 'Billed']}
        words={['Ended', 'Id']}
      >
        {rows.map((row) => (
          <tr key={row.id}>
            <th scope="row">
              {row.id === ownRun ? (
                <strong>{row.startedAt} (this page)</strong>
              ) : Object.hasOwn(pages, row.id) ? (
                <a href={pages[row.id]}>{row.startedAt}</a>
              ) : (
                row.startedAt
              )}
            </th>
            <td class="number">{row.took}</td>
            <td class="number">{row.attempts}</td>
            <td class="number">{row.fetched}</td>
            {tookOver && <td class="number">{row.taken}</td>}
            <td class="number">{row.billed}</td>
            <td class="wrap">{row.ended}</td>
            <td>
              <code class="run-id">{row.shortId}</code>
            </td>
          </tr>
        ))}
      </FiguresTable>
      {rows.length > 1 && (
        <p class="muted after-table">
          What changed since a run:{' '}
          <code>
            localize report {plainText(manifest)} --compare {'<its id>'}
          </code>
        </p>
      )}
    </>
  );
}
