import { EXIT, type ExitCode, type Plan } from '@localize/core';
import { catalogue } from '@localize/providers';
import {
  type ChangedJob,
  changedJobs,
  type JobStanding,
  openStore,
  readStandings,
  storeExists,
  systemClock,
} from '@localize/runner';
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
  const { location, plan: batchPlan } = batch;
  const source = { batch, cwd: context.cwd, nowMs: systemClock().nowMs() };
  const selected = selectJobs(() => selectableJobs(batchPlan, readState(location.path, source)), options);
  const known = await readKnown(location.path, batchPlan);
  const view = buildPlanView(batchPlan, { ...known, catalogue, selected, retryFailed: options.failed });
  if (options.json) {
    context.out.write(`${JSON.stringify(planJson(view), null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  context.out.write(planText(view, { paint, verbose: options.verbose ?? false, quiet: options.quiet ?? false }));
  return EXIT.ok;
}

/** What the state knows of the plan's jobs; reading never makes a state. */
async function readKnown(
  statePath: string,
  batchPlan: Plan,
): Promise<{ standings: ReadonlyMap<string, JobStanding>; changed: ChangedJob[] }> {
  if (!storeExists(statePath)) return { standings: new Map(), changed: [] };
  const store = openStore(statePath, { readonly: true });
  try {
    return { standings: readStandings(store, batchPlan.batch), changed: await changedJobs(store, batchPlan) };
  } finally {
    store.close();
  }
}
