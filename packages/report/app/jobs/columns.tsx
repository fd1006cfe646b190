import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
} from '@tanstack/preact-table';
import type { JobRow } from '../../src/view-model/index.js';
import { StateIcon } from '../parts/state-icon.js';

export const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
});

const column = createColumnHelper<typeof features, JobRow>();

/** Columns whose figures are aligned right. */
export const NUMBER_COLUMNS: ReadonlySet<string> = new Set(['attempts', 'billed', 'length']);

// What is unknown sorts last, whichever way: `undefined` is how the table is told.
export const columns = column.columns([
  column.accessor('video', {
    header: 'Video',
    sortFn: 'alphanumeric',
    cell: ({ getValue }) => <bdi>{getValue()}</bdi>,
  }),
  column.accessor('language', { header: 'Language', sortFn: 'alphanumeric' }),
  column.accessor('stateName', {
    id: 'state',
    header: 'State',
    sortFn: 'alphanumeric',
    cell: ({ row }) => (
      <span class="state">
        <StateIcon state={row.original.look} /> <span class="state-word">{row.original.stateName}</span>
      </span>
    ),
  }),
  column.accessor('route', {
    header: 'Route',
    sortFn: 'alphanumeric',
    cell: ({ getValue }) => <span title={getValue()}>{getValue()}</span>,
  }),
  column.accessor('attempts', { header: 'Attempts', sortFn: 'basic' }),
  column.accessor((job) => job.billedMicros ?? undefined, {
    id: 'billed',
    header: 'Billed',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ row }) => row.original.billed,
  }),
  column.accessor((job) => job.lengthMs ?? undefined, {
    id: 'length',
    header: 'Length',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ row }) => row.original.length,
  }),
  column.accessor((job) => job.reason ?? undefined, {
    id: 'reason',
    header: 'Reason',
    sortFn: 'alphanumeric',
    sortUndefined: 'last',
    cell: ({ row }) => <bdi title={row.original.reason ?? ''}>{row.original.reason ?? ''}</bdi>,
  }),
]);
