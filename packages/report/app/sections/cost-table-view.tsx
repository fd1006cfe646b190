import { useState } from 'preact/hooks';
import { type CostTable, type CostTableRow, formatCount } from '../../src/view-model/index.js';

const FIRST_ROWS = 12;
const MORE_ROWS = 200;

/** The money split one way, as far as a person asks for it. */
export function CostTableView({ table }: { readonly table: CostTable }) {
  const [shown, setShown] = useState(FIRST_ROWS);
  const rest = table.rows.length - shown;
  return (
    <>
      <CostFigures table={table} shown={shown} />
      {rest > 0 && (
        <button type="button" class="quiet" onClick={() => setShown(shown + MORE_ROWS)}>
          Show {formatCount(Math.min(rest, MORE_ROWS), 'more line')}
        </button>
      )}
    </>
  );
}

/** The first lines of a table: the longest bar is the most expensive line. */
export function CostFigures({ table, shown }: { readonly table: CostTable; readonly shown: number }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll-x" tabIndex={0} aria-label={`Cost by ${table.name}`}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{table.name}</th>
              <th scope="col" class="number">
                Done
              </th>
              <th scope="col" class="number">
                Billed
              </th>
              <th scope="col" class="bar-column">
                <span class="unseen">Share of the most expensive</span>
              </th>
              <th scope="col" class="number">
                Estimated
              </th>
              <th scope="col" class="number">
                A finished minute
              </th>
              <th scope="col" class="number">
                Times the cheapest
              </th>
              <th scope="col" class="number">
                At risk
              </th>
            </tr>
          </thead>
          <tbody>
            {table.rows.slice(0, shown).map((row) => (
              <CostLine key={row.name} row={row} />
            ))}
          </tbody>
        </table>
      </section>
      {table.rows.some(({ wastedShare }) => wastedShare > 0) && (
        <ul class="legend" aria-hidden="true">
          <li class="key-billed">billed</li>
          <li class="key-wasted">of it charged for nothing: failed, or lost</li>
        </ul>
      )}
    </>
  );
}

function CostLine({ row }: { readonly row: CostTableRow }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{row.name}</bdi>
      </th>
      <td class="number">{row.done}</td>
      <td class="number strong">{row.billed}</td>
      <td class="bar-column" aria-hidden="true">
        <span class="bar">
          <span class="bar-wasted" style={{ width: percent(row.wastedShare) }} />
          <span class="bar-billed" style={{ width: percent(row.billedShare - row.wastedShare) }} />
        </span>
      </td>
      <td class="number">{row.estimated}</td>
      <td class="number">{row.perMinute}</td>
      <td class="number muted">{row.compared}</td>
      <td class="number">{row.atRisk}</td>
    </tr>
  );
}

function percent(share: number): string {
  return `${share * 100}%`;
}
