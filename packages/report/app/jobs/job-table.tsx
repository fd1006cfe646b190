import { useTable } from '@tanstack/preact-table';
import { Fragment } from 'preact';
import type { JobRow } from '../../src/view-model/index.js';
import { Spacer } from '../virtual/spacer.js';
import { usePrinting } from '../virtual/use-printing.js';
import { useVirtualRows } from '../virtual/use-virtual-rows.js';
import { columns, features, NUMBER_COLUMNS } from './columns.js';

const ROW_HEIGHT = 40;
const REASON = 'reason';

interface Props {
  readonly jobs: readonly JobRow[];
  readonly onOpen: (job: number) => void;
}

/** Sortable by every column; only the rows in view are in the document. */
export function JobTable({ jobs, onOpen }: Props) {
  const table = useJobTable(jobs);
  const { rows } = table.getRowModel();
  const { scrollRef, items, before, after } = useVirtualRows(rows.length, ROW_HEIGHT);
  const printing = usePrinting();
  // Paper is too narrow for a column of sentences: there they stand below their rows.
  const hasColumn = (id: string) => !printing || id !== REASON;
  const width = printing ? columns.length - 1 : columns.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll-box" ref={scrollRef} tabIndex={0} aria-label="All jobs">
      <table class="jobs" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {table
              .getFlatHeaders()
              .filter(({ column }) => hasColumn(column.id))
              .map((header) => (
                <ColumnHead key={header.id} table={table} header={header} printing={printing} />
              ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={width} />
          {items.map((index) => {
            const row = rows[index];
            if (!row) return null;
            const cells = row.getAllCells().filter((cell) => hasColumn(cell.column.id));
            const reason = printing ? row.original.reason : null;
            return (
              <Fragment key={row.id}>
                <tr aria-rowindex={index + 2} class={reason === null ? '' : 'reason-follows'}>
                  {cells.map((cell) => (
                    <JobCell key={cell.id} table={table} cell={cell} job={row.original} onOpen={onOpen} />
                  ))}
                </tr>
                {reason !== null && (
                  <tr class="printed-reason">
                    <td colSpan={width}>{reason}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
          <Spacer height={after} columns={width} />
        </tbody>
      </table>
      {rows.length === 0 && <p class="muted empty">No job matches.</p>}
    </section>
  );
}

type Table = ReturnType<typeof useJobTable>;
type Header = ReturnType<Table['getFlatHeaders']>[number];
type Cell = ReturnType<ReturnType<Table['getRowModel']>['rows'][number]['getAllCells']>[number];

function useJobTable(jobs: readonly JobRow[]) {
  return useTable({
    features,
    columns,
    data: jobs as JobRow[],
    getRowId: (job) => String(job.index),
    sortDescFirst: false,
  });
}

function ColumnHead({ table, header, printing }: { table: Table; header: Header; printing: boolean }) {
  const sorted = header.column.getIsSorted();
  const order = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none';
  return (
    <th scope="col" aria-sort={order} class={columnClass(header.column.id)}>
      {printing ? (
        // A head with a button in it is not repeated on each page.
        <table.FlexRender header={header} />
      ) : (
        <button type="button" class="sort" onClick={() => header.column.toggleSorting()}>
          <table.FlexRender header={header} />
          <span class={`arrow arrow-${order}`} aria-hidden="true" />
        </button>
      )}
    </th>
  );
}

/** The one with the video's name opens the job. */
function JobCell({ table, cell, job, onOpen }: { table: Table; cell: Cell; job: JobRow; onOpen: Props['onOpen'] }) {
  return (
    <td class={columnClass(cell.column.id)}>
      {cell.column.id === 'video' ? (
        <button type="button" class="open-job" onClick={() => onOpen(job.index)}>
          <table.FlexRender cell={cell} />
          <span class="unseen"> in {job.language}: open</span>
        </button>
      ) : (
        <table.FlexRender cell={cell} />
      )}
    </td>
  );
}

function columnClass(id: string): string {
  return `column-${id}${NUMBER_COLUMNS.has(id) ? ' number' : ''}`;
}
