import { formatUsd, type JobSnapshot, plainText, waitReason } from '@localize/core';
import type { Paint } from './paint.js';
import { type TableRow, tableLine } from './table.js';

/** What a person is shown of one job, in columns. */
export function jobCells(job: JobSnapshot): TableRow {
  const billed = job.attempts.reduce((sum, attempt) => sum + (attempt.billedMicros ?? 0), 0);
  const money = billed > 0 ? `$${formatUsd(billed)}` : '';
  const end = job.reason ?? waitReason(job) ?? (job.state === 'succeeded' ? (job.output ?? '') : '');
  return [plainText(job.key), job.orphaned ? 'orphaned' : job.state, job.route ?? '', money, plainText(end, 160)];
}

/** Amounts end flush. */
const RIGHT = [3];

/** @param widths of the columns, for all jobs of the table */
export function jobLine(job: JobSnapshot, widths: readonly number[], paint: Paint): string {
  const line = tableLine(jobCells(job), widths, RIGHT);
  if (job.state === 'succeeded') return paint('green', line);
  if (job.state === 'failed') return paint('red', line);
  return job.state === 'held' ? paint('yellow', line) : line;
}
