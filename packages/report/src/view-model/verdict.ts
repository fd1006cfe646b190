import type { JobTotals } from '@localize/core';
import type { Attention } from './attention.js';
import { formatNumber } from './format.js';

/** The answer to "did it work?" in one line. */
export interface Verdict {
  readonly tone: 'good' | 'busy' | 'bad' | 'empty';
  readonly text: string;
}

/** `41 of 48 videos are done, 2 are under way or waiting, 5 stopped.` */
export function buildVerdict(totals: JobTotals, attention: Attention): Verdict {
  const wanted = totals.jobs - totals.orphaned - totals.canceled;
  if (wanted === 0) return { tone: 'empty', text: 'This batch has no jobs to do.' };
  const under = totals.pending + totals.running;
  if (totals.succeeded === wanted) return { tone: 'good', text: allDone(wanted) };
  const parts = [`${formatNumber(totals.succeeded)} of ${formatNumber(wanted)} videos are done`];
  if (under > 0) parts.push(`${formatNumber(under)} under way or waiting`);
  if (attention.jobs > 0) parts.push(`${formatNumber(attention.jobs)} stopped short`);
  return { tone: attention.jobs > 0 ? 'bad' : 'busy', text: `${parts.join(', ')}.` };
}

function allDone(count: number): string {
  return count === 1 ? 'The video is done.' : `All ${formatNumber(count)} videos are done.`;
}
