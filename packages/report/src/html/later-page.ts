import type { RunSnapshot } from '@localize/core';
import type { PageData } from '../view-model/page-data.js';
import { pageJsonBegin, readPageJsonBegin } from './page-json.js';

/** What a run that changed no job adds to a page. */
export interface LaterFacts extends Pick<PageData, 'runPages' | 'ownRun'> {
  readonly takenAtMs: number;
  readonly runs: readonly RunSnapshot[];
}

/**
 * The first part of a page as it is after a run that changed no job; the rest stays.
 * @param beginning the page's text up to some place behind its first job
 * @returns `null` where that is not far enough, or no page of ours
 */
export function laterPage(beginning: string, { takenAtMs, runs, ...later }: LaterFacts): string | null {
  const known = readPageJsonBegin(beginning);
  if (known === null) return null;
  const { from, to, facts } = known;
  const now = pageJsonBegin({ ...facts, ...later, snapshot: { ...facts.snapshot, takenAtMs, runs } });
  return `${beginning.slice(0, from)}${now}${beginning.slice(to)}`;
}
