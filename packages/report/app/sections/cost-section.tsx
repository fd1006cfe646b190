import type { JobSnapshot } from '@localize/core';
import { useMemo, useState } from 'preact/hooks';
import {
  BY_ROUTE_CHOICE,
  costChoices,
  costRows,
  costTable,
  moneyLines,
  type PageView,
  routeSpreadRows,
} from '../../src/view-model/index.js';
import { Section } from '../parts/section.js';
import { Segments } from '../parts/segments.js';
import { usePrinting } from '../virtual/use-printing.js';
import { BudgetBars } from './budget-bars.js';
import { CostTableView } from './cost-table-view.js';
import { PrintedCost } from './printed-cost.js';
import { RouteSpreadTable } from './route-spread-table.js';

interface Props {
  readonly view: PageView;
  readonly jobs: readonly JobSnapshot[];
}

/** What did it cost? The figures that are never mixed, the budget, then the money split one way at a time. */
export function CostSection({ view, jobs }: Props) {
  const spread = useMemo(() => routeSpreadRows(jobs), [jobs]);
  const choices = costChoices(view.groups, view.timeZone);
  const printing = usePrinting();
  const [id, setId] = useState(BY_ROUTE_CHOICE.id);
  const chosen = choices.find((choice) => choice.id === id) ?? BY_ROUTE_CHOICE;
  const table = useMemo(() => costTable(chosen, costRows(jobs, chosen.split)), [jobs, chosen.id]);
  return (
    <Section
      id="cost"
      title="What did it cost?"
      aside={view.emulated && <span class="tag tag-warn">simulated prices</span>}
    >
      <dl class="tiles money-tiles">
        {moneyLines(view).map((line) => (
          <div key={line.id} class={`tile ${line.alarming ? 'tile-alarming' : ''}`}>
            <dt class="tile-name">{line.name}</dt>
            <dd class="tile-figure">
              {line.bound !== null && <span class="tile-bound">{line.bound} </span>}
              {line.figure}
            </dd>
            {line.note !== null && <dd class="tile-note">{line.note}</dd>}
          </div>
        ))}
      </dl>
      <BudgetBars lines={view.budget} />
      <div hidden={printing}>
        <Segments label="Split by" value={chosen.id} choices={choices} onChoose={setId} />
        <CostTableView key={chosen.id} table={table} />
      </div>
      {printing && <PrintedCost choices={choices} jobs={jobs} />}
      <RouteSpreadTable rows={spread} />
    </Section>
  );
}
