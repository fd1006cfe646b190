import type { JobTotals } from '@localize/core';
import type { Attention } from './attention.js';
import type { ChangedVideos } from './changed-videos.js';
import { formatCount, formatNumber } from './format.js';

/** The answer to "did it work?" in one line. */
export interface Verdict {
  readonly tone: 'good' | 'busy' | 'bad' | 'empty';
  readonly text: string;
}

/** `41 of 48 videos are done, 2 are under way or waiting, 5 stopped.` */
export function buildVerdict(totals: JobTotals, attention: Attention, changed: ChangedVideos | null): Verdict {
  const wanted = totals.jobs - totals.orphaned - totals.canceled;
  if (wanted === 0) return { tone: 'empty', text: 'This batch has no jobs to do.' };
  const { stopped, waiting } = attention;
  const under = totals.pending + totals.running - waiting;
  if (totals.succeeded === wanted) return { tone: 'good', text: allDone(wanted, changed) };
  const parts = [
    `${formatNumber(totals.succeeded)} of ${formatCount(wanted, 'video')} ${wanted === 1 ? 'is' : 'are'} done`,
  ];
  if (under > 0) parts.push(`${formatNumber(under)} under way or waiting`);
  if (waiting > 0) parts.push(`${formatNumber(waiting)} waiting for money`);
  if (stopped > 0) parts.push(`${formatNumber(stopped)} stopped short`);
  return { tone: stopped + waiting > 0 ? 'bad' : 'busy', text: `${parts.join(', ')}.` };
}

function allDone(count: number, changed: ChangedVideos | null): string {
  const done = count === 1 ? 'The video is done' : `All ${formatNumber(count)} videos are done`;
  if (changed === null) return `${done}.`;
  const differs = changed.all === 1 ? 'differs' : 'differ';
  return count === 1
    ? `${done}, and differs from the manifest.`
    : `${done}, ${formatNumber(changed.all)} ${differs} from the manifest.`;
}
