import type { Snapshot } from '@localize/core';
import type { Comparison } from './comparison.js';

/** The run whose own page this is. */
export interface OwnRun {
  readonly id: string;
  /** Relative address of the page of the batch as it is by now. */
  readonly latestPage: string;
}

/** What the HTML document carries as JSON, and all that its app knows. */
export interface PageData {
  /** Leads from the page's folder to where relative paths of media start. */
  readonly mediaBase: string;
  /** Where a live page hears of changes; `null` for a page that stands still. */
  readonly eventsUrl: string | null;
  /** Of a live page: the path of the report that stays when the run is over. */
  readonly reportPath: string | null;
  /** Of a live page: how many of the jobs the run is about. */
  readonly coveredJobs: number | null;
  /** `reviewer`: a person who looks at videos and has nothing to do with how they were made. */
  readonly audience: 'owner' | 'reviewer';
  readonly comparison: Comparison | null;
  /** Relative addresses of the pages that runs left, by the run's id. */
  readonly runPages: Readonly<Record<string, string>>;
  /** `null` in a page that is of no run alone. */
  readonly ownRun: OwnRun | null;
  /** The last of all, with its jobs as the last of it: they are written one by one. */
  readonly snapshot: Snapshot;
}
