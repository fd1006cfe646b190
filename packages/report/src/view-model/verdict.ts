import type { JobTotals } from '@localize/core';
import type { Attention } from './attention.js';
import type { ChangedVideos } from './changed-videos.js';
import { formatCount, formatNumber } from './format.js';
import { missingCount, replacedCount } from './review-troubles.js';

/** The answer to "did it work?" in one line. */
export interface Verdict {
  /** `changed`: all are done, and not all as the manifest asks now. */
  readonly tone: 'good' | 'changed' | 'busy' | 'bad' | 'empty';
  readonly text: string;
}

/** `41 of 48 videos are done, 2 are under way or waiting, 5 stopped.` What was canceled is told apart: nobody wants it now. */
export function buildVerdict(totals: JobTotals, attention: Attention, changed: ChangedVideos | null): Verdict {
  const verdict = verdictOfWanted(totals, attention, changed);
  const { canceled } = totals;
  if (canceled === 0) return verdict;
  const more = verdict.tone === 'empty' ? '' : ' more';
  return {
    ...verdict,
    text: `${verdict.text} ${formatNumber(canceled)}${more} ${canceled === 1 ? 'is' : 'are'} canceled.`,
  };
}

function verdictOfWanted(totals: JobTotals, attention: Attention, changed: ChangedVideos | null): Verdict {
  const wanted = totals.jobs - totals.orphaned - totals.canceled;
  if (wanted === 0) return { tone: 'empty', text: 'This batch has no jobs to do.' };
  const { stopped, waiting, remaking, reviews } = attention;
  const offDisk = [
    { count: replacedCount(reviews), words: 'replaced on disk' },
    { count: missingCount(reviews), words: 'not on disk' },
  ].filter(({ count }) => count > 0);
  const under = totals.pending + totals.running - waiting;
  if (totals.succeeded === wanted) {
    const isGood = changed === null && offDisk.length === 0 && remaking === 0;
    const done = allDone(wanted, { changed: changed?.all ?? 0, offDisk });
    return {
      tone: isGood ? 'good' : 'changed',
      text: remaking === 0 ? done : `${done} ${againWords(remaking, wanted)}`,
    };
  }
  const parts = [
    `${formatNumber(totals.succeeded)} of ${formatCount(wanted, 'video')} ${wanted === 1 ? 'is' : 'are'} done`,
  ];
  if (changed !== null) parts.push(`${formatNumber(changed.all)} of them not ${ASKED_NOW}`);
  for (const { count, words } of offDisk) parts.push(`${formatNumber(count)} of them ${words}`);
  if (remaking > 0) parts.push(`${formatNumber(remaking)} of them ${NOT_AGAIN}`);
  if (under > 0) parts.push(`${formatNumber(under)} under way or waiting`);
  if (waiting > 0) parts.push(`${formatNumber(waiting)} waiting for money`);
  if (stopped > 0) parts.push(`${formatNumber(stopped)} stopped short`);
  return { tone: stopped + waiting > 0 ? 'bad' : 'busy', text: `${parts.join(', ')}.` };
}

const ASKED_NOW = 'as the manifest asks now';

const NOT_AGAIN = 'not made again yet';

function againWords(remaking: number, wanted: number): string {
  return wanted === 1
    ? `It is ${NOT_AGAIN}.`
    : `${formatNumber(remaking)} of them ${remaking === 1 ? 'is' : 'are'} ${NOT_AGAIN}.`;
}

function allDone(
  count: number,
  {
    changed,
    offDisk,
  }: { readonly changed: number; readonly offDisk: readonly { readonly count: number; readonly words: string }[] },
): string {
  const are = count === 1 ? 'The video is done' : `All ${formatNumber(count)} videos are done`;
  const which = offDisk.map((each) => `, ${count === 1 ? 'but' : `${formatNumber(each.count)} of them`} ${each.words}`);
  const done = `${are}${which.join('')}`;
  if (changed === 0) return `${done}.`;
  if (count === 1) return `${done}, but not ${ASKED_NOW}.`;
  return changed === count
    ? `${done}, but none of them ${ASKED_NOW}.`
    : `${done}, ${formatNumber(changed)} of them not ${ASKED_NOW}.`;
}
