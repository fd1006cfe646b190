import { existsSync } from 'node:fs';
import type { LoadedBatch } from '../batch/load-batch.js';
import { latestPage } from '../batch/write-reports.js';
import type { CommandContext } from '../definitions.js';

/**
 * Says of a batch that a command has changed that its report, where there is one, does not show that yet: its sums may be
 * sent to somebody before the next run writes it anew.
 */
export function sayStaleReport(
  { err }: Pick<CommandContext, 'err'>,
  { plan, again }: Pick<LoadedBatch, 'plan' | 'again'>,
  { quiet = false, json = false }: { readonly quiet?: boolean; readonly json?: boolean },
): void {
  if (quiet || json || !existsSync(latestPage(plan))) return;
  err.write(`The report shows that after the next run, or at once by: localize report ${again}\n`);
}
