import type { JobSnapshot } from '@localize/core';
import { type CostChoice, costRows, costTable, formatCount } from '../../src/view-model/index.js';
import { CostFigures } from './cost-table-view.js';

/** So many lines of one way are printed, and so many ways: labels may be many. */
const MOST_ROWS = 20;
const MOST_TABLES = 16;

interface Props {
  readonly choices: readonly CostChoice[];
  readonly jobs: readonly JobSnapshot[];
}

/** On paper nobody can choose, so that the money stands there split every way. */
export function PrintedCost({ choices, jobs }: Props) {
  // Labels are the second to last, before the day.
  const left = Math.max(0, choices.length - MOST_TABLES);
  const printed = [...choices.slice(0, choices.length - 1 - left), ...choices.slice(-1)];
  return (
    <div class="printed-cost">
      {printed.map((choice) => (
        <PrintedSplit key={choice.id} choice={choice} jobs={jobs} />
      ))}
      {left > 0 && <p class="muted">and by {formatCount(left, 'more label')}</p>}
    </div>
  );
}

function PrintedSplit({ choice, jobs }: { readonly choice: CostChoice; readonly jobs: readonly JobSnapshot[] }) {
  const table = costTable(choice, costRows(jobs, choice.split));
  const rest = table.rows.length - MOST_ROWS;
  if (table.rows.length === 0) return null;
  return (
    <>
      <h3>
        <bdi>{choice.title}</bdi>
      </h3>
      <CostFigures table={table} shown={MOST_ROWS} />
      {rest > 0 && <p class="muted">and {formatCount(rest, 'more line')}</p>}
    </>
  );
}
