import type { Snapshot } from '@localize/core';
import type { PageData } from '../view-model/page-data.js';
import { inlineJson } from './inline-json.js';

/**
 * A page's data is one JSON text that ends with its jobs. Whoever writes it has all but them in hand at once, and whoever
 * changes only that need not read them.
 */
export type PageFacts = Omit<PageData, 'snapshot'> & { readonly snapshot: Omit<Snapshot, 'jobs'> };

/** What comes before the first job. No other list in a page's data is called `jobs`, and a text has no bare quote. */
const JOBS_BEGIN = '"jobs":[';

/** What comes after the last. */
export const PAGE_JSON_END = ']}}';

/** The data up to its first job. */
export function pageJsonBegin({ snapshot, ...rest }: PageFacts): string {
  return inlineJson({ ...rest, snapshot: { ...snapshot, jobs: [] } }).slice(0, -PAGE_JSON_END.length);
}

/**
 * Finds that beginning in a page or in the first part of one.
 * @returns where it begins and ends in the text, and what it says; `null` where it is not all there
 */
export function readPageJsonBegin(html: string): { from: number; to: number; facts: PageFacts } | null {
  const opened = PAGE_JSON_ELEMENT.exec(html);
  if (opened === null) return null;
  const from = opened.index + opened[0].length;
  const jobs = html.indexOf(JOBS_BEGIN, from);
  if (jobs === -1) return null;
  const to = jobs + JOBS_BEGIN.length;
  return { from, to, facts: JSON.parse(`${html.slice(from, to)}${PAGE_JSON_END}`) as PageFacts };
}

const PAGE_JSON_ELEMENT = /<script type="application\/json" id="report-data">/;
