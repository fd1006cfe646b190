import type { StreamedSnapshot } from '@localize/core';
import { compareSnapshots } from '../view-model/comparison.js';
import { formatCount } from '../view-model/format.js';
import { markdownCellCode, markdownTable, markdownText } from './markdown.js';

const JOBS_SHOWN = 50;

/** Two batches, or one at two times, side by side as Markdown. */
export function renderComparison(before: StreamedSnapshot, after: StreamedSnapshot): string {
  const comparison = compareSnapshots(before, after);
  const { changed } = comparison;
  const lines = comparison.lines.map((line) => [markdownText(line.name), line.before, line.after, line.change]);
  const jobs = changed.slice(0, JOBS_SHOWN).map((job) => [markdownCellCode(job.key), job.before, job.after]);
  const blocks = [
    '## Comparison',
    `Before: ${markdownText(comparison.before)}. After: ${markdownText(comparison.after)}.`,
    markdownTable(['', 'Before', 'After', 'Change'], lines, [1, 2, 3]),
    ...(jobs.length > 0 ? [markdownTable(['Job', 'Before', 'After'], jobs)] : []),
    ...(changed.length > JOBS_SHOWN ? [`and ${formatCount(changed.length - JOBS_SHOWN, 'more job')}`] : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}
