import { EXIT, type ExitCode } from '@localize/core';
import { systemClock } from '@localize/runner';
import { readState } from '../batch/take-snapshot.js';
import { writeReports } from '../batch/write-reports.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { displayPath } from '../output/display-path.js';
import { openBatch } from './open-batch.js';

/** `localize report`: writes the reports anew from the state, without a run. */
export async function report(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true });
  const source = { batch, cwd: context.cwd, nowMs: systemClock().nowMs() };
  const page = writeReports(batch.plan, readState(batch.location.path, source), context.cwd);
  context.out.write(`${displayPath(page, context.cwd)}\n`);
  return EXIT.ok;
}
