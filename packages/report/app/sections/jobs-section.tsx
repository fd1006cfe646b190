import { useMemo } from 'preact/hooks';
import {
  ALL_JOBS,
  ALL_ROUTES,
  filterChoices,
  filterJobs,
  formatCount,
  formatNumber,
  type JobFilter,
  type JobRow,
} from '../../src/view-model/index.js';
import { JobTable } from '../jobs/job-table.js';
import { Choice } from '../parts/choice.js';
import { Section } from '../parts/section.js';

interface Props {
  readonly jobs: readonly JobRow[];
  readonly filter: JobFilter;
  readonly onFilter: (filter: JobFilter) => void;
  readonly onOpen: (job: number) => void;
}

/** Every job in one table. */
export function JobsSection({ jobs, filter, onFilter, onOpen }: Props) {
  const choices = useMemo(() => filterChoices(jobs), [jobs]);
  const shown = useMemo(() => filterJobs(jobs, filter), [jobs, filter]);
  const all = shown.length === jobs.length;
  return (
    <Section id="jobs" title="Jobs">
      <search class="filters">
        <label class="choice grow">
          <span>Find</span>
          <input
            type="search"
            value={filter.text}
            placeholder="video, language, route, reason…"
            onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
          />
        </label>
        <Choice
          label="State"
          value={filter.state}
          choices={[{ id: 'all', name: 'All states' }, ...choices.states]}
          onChoose={(id) => onFilter({ ...filter, state: id as JobFilter['state'] })}
        />
        <Choice
          label="Route"
          value={filter.route}
          choices={[{ id: ALL_ROUTES, name: 'All routes' }, ...choices.routes.map((id) => ({ id, name: id }))]}
          onChoose={(route) => onFilter({ ...filter, route })}
        />
      </search>
      <p class="muted found" role="status">
        {all ? formatCount(jobs.length, 'job') : `${formatNumber(shown.length)} of ${formatCount(jobs.length, 'job')}`}
        {!all && (
          <button type="button" class="quiet" onClick={() => onFilter(ALL_JOBS)}>
            Show all
          </button>
        )}
      </p>
      <JobTable jobs={shown} onOpen={onOpen} />
    </Section>
  );
}
