import { formatUsd, type JobSnapshot, plainText, waitWords } from '@localize/core';
import { renderSummary } from '@localize/report';
import type { StatusView } from '../batch/take-status.js';
import { laneLines } from './lane-text.js';
import { createPaint, type Paint } from './paint.js';
import { tableLines } from './table.js';

export interface StatusTextOptions {
  readonly color: boolean;
  readonly width: number;
  /** A line a job, above the rest. */
  readonly jobs: boolean;
  /** Only failed jobs were asked for. */
  readonly failed?: boolean | undefined;
}

/** `localize status` for people: jobs, lanes, and where the batch stands. Ends with a newline. */
export function statusText(view: StatusView, { color, width, jobs, failed = false }: StatusTextOptions): string {
  const paint = createPaint(color);
  const { snapshot } = view;
  const jobBlock = failed && snapshot.jobs.length === 0 ? ['no job has failed'] : jobLines(snapshot.jobs, paint);
  const blocks = [jobs ? jobBlock : [], laneBlock(view, paint)];
  const above = blocks.filter((lines) => lines.length > 0).map((lines) => `${lines.join('\n')}\n\n`);
  return `${above.join('')}${renderSummary(snapshot, { color, width })}`;
}

function jobLines(jobs: readonly JobSnapshot[], paint: Paint): string[] {
  return tableLines(jobs.map(jobCells), [3]).map((line, index) => {
    const job = jobs[index];
    return job ? paintJob(job, line, paint) : line;
  });
}

function laneBlock({ lanes, laneNowMs, atWork, snapshot }: StatusView, paint: Paint): string[] {
  // Nothing is open and nothing waits: how full the lanes were says nothing any more.
  const isOver = !atWork && lanes.every(({ open, waitingJobs }) => open === 0 && waitingJobs === 0);
  if (lanes.length === 0 || isOver || snapshot.runs.length === 0) return [];
  return [paint('bold', 'Lanes'), ...laneLines(lanes, { nowMs: laneNowMs, atWork }).map((line) => `  ${line}`)];
}

function jobCells(job: JobSnapshot): string[] {
  const billed = job.attempts.reduce((sum, attempt) => sum + (attempt.billedMicros ?? 0), 0);
  const money = billed > 0 ? `$${formatUsd(billed)}` : '';
  const wait = job.waitsForMoney ? waitWords(job.waitsForMoney) : null;
  const end = job.reason ?? wait ?? (job.state === 'succeeded' ? (job.output ?? '') : '');
  return [plainText(job.key), job.orphaned ? 'orphaned' : job.state, job.route ?? '', money, plainText(end, 160)];
}

function paintJob(job: JobSnapshot, line: string, paint: Paint): string {
  if (job.state === 'succeeded') return paint('green', line);
  if (job.state === 'failed') return paint('red', line);
  return job.state === 'held' ? paint('yellow', line) : line;
}
