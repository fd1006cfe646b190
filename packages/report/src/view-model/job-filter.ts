import type { JobRow } from './job-rows.js';
import { STATE_GROUPS, type StateGroup, stateName } from './state-counts.js';

/** Which jobs the table shows. */
export interface JobFilter {
  /** Words that must all occur somewhere in the row. */
  readonly text: string;
  readonly state: StateGroup | 'all';
  readonly route: string;
}

export const ALL_ROUTES = 'all';
export const ALL_JOBS: JobFilter = { text: '', state: 'all', route: ALL_ROUTES };

/** In their order; every word of the text must be somewhere in what a job shows. */
export function filterJobs(jobs: readonly JobRow[], filter: JobFilter): JobRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return jobs.filter(
    (job) =>
      (filter.state === 'all' || job.state === filter.state) &&
      (filter.route === ALL_ROUTES || job.route === filter.route) &&
      words.every((word) => searchText(job).includes(word)),
  );
}

const searched = new WeakMap<JobRow, string>();

/** What the words are looked for in: lower case, made when it is first asked for. */
function searchText(job: JobRow): string {
  const known = searched.get(job);
  if (known !== undefined) return known;
  const { key, language, stateName: state, route, labels, reason, output, reviewText, redo, faults, notes } = job;
  const texts = [key, language, state, route, labels, reason, output, reviewText, redo, ...faults, ...notes];
  const text = texts.join(' ').toLowerCase();
  searched.set(job, text);
  return text;
}

/** The choices that the jobs themselves offer; states in the order in which they are counted. */
export function filterChoices(jobs: readonly JobRow[]): {
  readonly states: readonly { readonly id: StateGroup; readonly name: string }[];
  readonly routes: readonly string[];
} {
  const present = new Set(jobs.map((job) => job.state));
  const states = STATE_GROUPS.filter((id) => present.has(id)).map((id) => ({ id, name: stateName(id) }));
  return { states, routes: [...new Set(jobs.map((job) => job.route))].sort() };
}
