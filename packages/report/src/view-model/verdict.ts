import type { JobTotals } from '@localize/core';
import type { Attention } from './attention.js';
import type { ChangedVideos } from './changed-videos.js';
import { formatCount, formatNumber } from './format.js';

/** The answer to "did it work?" in one line. */
export interface Verdict {
  /** `changed`: all are done, and not all as the manifest asks now. */
  readonly tone: 'good' | 'changed' | 'busy' | 'bad' | 'empty';
  readonly text: string;
}

/** `41 of 48 videos are done, 2 are under way or waiting, 5 stopped.` */
export function buildVerdict(totals: JobTotals, attention: Attention, changed: ChangedVideos | null): Verdict {
  const wanted = totals.jobs - totals.orphaned - totals.canceled;
  if (wanted === 0) return { tone: 'empty', text: 'This batch has no jobs to do.' };
  const { stopped, waiting, reviews } = attention;
  const replaced = reviews.find(({ trouble }) => trouble === 'replaced')?.items.length ?? 0;
  const under = totals.pending + totals.running - waiting;
  if (totals.succeeded === wanted) {
    const isGood = changed === null && replaced === 0;
    return { tone: isGood ? 'good' : 'changed', text: allDone(wanted, { changed: changed?.all ?? 0, replaced }) };
  }
  const parts = [
    `${formatNumber(totals.succeeded)} of ${formatCount(wanted, 'video')} ${wanted === 1 ? 'is' : 'are'} done`,
  ];
  if (changed !== null) parts.push(`${formatNumber(changed.all)} of them not ${ASKED_NOW}`);
  if (replaced > 0) parts.push(`${formatNumber(replaced)} of them ${REPLACED}`);
  if (under > 0) parts.push(`${formatNumber(under)} under way or waiting`);
  if (waiting > 0) parts.push(`${formatNumber(waiting)} waiting for money`);
  if (stopped > 0) parts.push(`${formatNumber(stopped)} stopped short`);
  return { tone: stopped + waiting > 0 ? 'bad' : 'busy', text: `${parts.join(', ')}.` };
}

const ASKED_NOW = 'as the manifest asks now';

const REPLACED = 'replaced on disk';

function allDone(
  count: number,
  { changed, replaced }: { readonly changed: number; readonly replaced: number },
): string {
  const are = count === 1 ? 'The video is done' : `All ${formatNumber(count)} videos are done`;
  const who = count === 1 ? 'but' : `${formatNumber(replaced)} of them`;
  const done = replaced === 0 ? are : `${are}, ${who} ${REPLACED}`;
  if (changed === 0) return `${done}.`;
  if (count === 1) return `${done}, but not ${ASKED_NOW}.`;
  return changed === count
    ? `${done}, but none of them ${ASKED_NOW}.`
    : `${done}, ${formatNumber(changed)} of them not ${ASKED_NOW}.`;
}
