import { EXIT, type ExitCode, formatUsd, type JobSnapshot, plainText, type Snapshot, waitWords } from '@localize/core';
import { renderSummary } from '@localize/report';
import { systemClock } from '@localize/runner';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { createPaint, type Paint, wantsColor } from '../output/paint.js';
import { statusJson } from '../output/status-json.js';
import { tableLines } from '../output/table.js';
import { selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { openBatch } from './open-batch.js';
import { verifyResults, verifyText } from './verify-results.js';

export interface StatusOptions extends SharedOptions {
  readonly verify?: boolean;
}

/** `localize status`: where the batch stands. Reads only, also while a run goes on. */
export async function status(
  context: CommandContext,
  manifest: string | undefined,
  options: StatusOptions,
): Promise<ExitCode> {
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true });
  const source = { batch, cwd: context.cwd, nowMs: systemClock().nowMs() };
  const snapshot = readState(batch.location.path, source);
  const matches = selectJobs(() => selectableJobs(batch.plan, snapshot), options);
  const selected = { ...snapshot, jobs: snapshot.jobs.filter((job) => matches(job.key)) };
  const verified = options.verify
    ? await verifyResults(batch.location.path, batch.plan.batch, matches, context.cwd)
    : undefined;
  if (options.json) {
    const document = { ...statusJson(selected), ...(verified ? { verified } : {}) };
    context.out.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    showStatus(context, selected, options);
    if (verified) context.out.write(`\n${verifyText(verified)}`);
  }
  return verified?.some(({ found }) => found !== 'same') ? EXIT.someFailed : EXIT.ok;
}

function showStatus(context: CommandContext, snapshot: Snapshot, options: SharedOptions): void {
  const color = wantsColor(context, context.out, options.color);
  const paint = createPaint(color);
  if (!options.quiet) {
    const lines = tableLines(snapshot.jobs.map(jobCells), [3]);
    lines.forEach((line, index) => {
      const job = snapshot.jobs[index];
      if (job) context.out.write(`${paintJob(job, line, paint)}\n`);
    });
    context.out.write('\n');
  }
  context.out.write(renderSummary(snapshot, { color, width: context.out.columns }));
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
