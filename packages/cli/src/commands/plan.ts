import { EXIT, type ExitCode, type Plan } from '@localize/core';
import { catalogue } from '@localize/providers';
import { type ChangedJob, changedJobs, openStore, storeExists, systemClock } from '@localize/runner';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { planJson } from '../output/plan-json.js';
import { planText } from '../output/plan-text.js';
import { buildPlanView } from '../output/plan-view.js';
import { selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { openBatch } from './open-batch.js';

/** `localize plan`: every job with its route and price, before anything is spent. Calls nobody and writes nothing. */
export async function plan(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  const batch = await openBatch(context, manifest, options);
  context.err.write(batch.warnings);
  const source = { batch, cwd: context.cwd, nowMs: systemClock().nowMs() };
  const snapshot = readState(batch.location.path, source);
  const selected = selectJobs(selectableJobs(batch.plan, snapshot), options);
  const changed = await readChanged(batch.location.path, batch.plan);
  const view = buildPlanView(batch.plan, { snapshot, changed, catalogue, selected, retryFailed: options.failed });
  if (options.json) {
    context.out.write(`${JSON.stringify(planJson(view), null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  context.out.write(planText(view, { paint, verbose: options.verbose ?? false, quiet: options.quiet ?? false }));
  return EXIT.ok;
}

async function readChanged(statePath: string, batchPlan: Plan): Promise<ChangedJob[]> {
  if (!storeExists(statePath)) return [];
  const store = openStore(statePath, { readonly: true });
  try {
    return await changedJobs(store, batchPlan);
  } finally {
    store.close();
  }
}
