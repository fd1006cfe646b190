import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError, type Micros } from '@localize/core';
import { catalogue } from '@localize/providers';
import {
  budgetInForce,
  type ForeseenRun,
  leftWords,
  lostState,
  openStore,
  type Store,
  storeExists,
  systemClock,
} from '@localize/runner';
import { withLimitsSet } from '../batch/limits-set.js';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { displayPath } from '../output/display-path.js';
import { keepForeign } from '../output/keep-foreign.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { planJson } from '../output/plan-json.js';
import { planText } from '../output/plan-text.js';
import { buildPlanView, type PlanView } from '../output/plan-view.js';
import { sayWarnings } from '../output/say-warnings.js';
import { openPlanFile } from '../plan-file/open-plan-file.js';
import { savePlan } from '../plan-file/saved-plan.js';
import { askQuotes } from '../quote/ask-quotes.js';
import { quoteLines, quotesJson } from '../quote/quote-text.js';
import { selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { openBatch } from './open-batch.js';
import { readOutlook } from './plan-outlook.js';

export interface PlanOptions extends SharedOptions {
  readonly out?: string;
  readonly quote?: boolean;
  /** The run that it is about also makes finished jobs again. */
  readonly remake?: boolean;
  readonly includeApproved?: boolean;
  /** A run of it would say so too. */
  readonly sameBatch?: boolean;
  /** A saved plan to show as it would be carried out now. */
  readonly plan?: string;
  /** Cap of what the run that it is about newly spends. */
  readonly maxMicros?: Micros | null;
}

/**
 * `localize plan`: every job with its route and price, before anything is spent. Calls nobody but the price lists that
 * `--quote` asks, and writes nothing but the plan that `--out` asks for.
 */
export async function plan(
  context: CommandContext,
  manifest: string | undefined,
  options: PlanOptions,
): Promise<ExitCode> {
  refuseApprovedAlone(options);
  const loaded = await openBatch(context, manifest, options);
  const { cwd } = context;
  const manifestPath = loaded.manifest.absolute;
  const from = { cwd, plan: loaded.plan, manifestPath, asked: options };
  const saved = options.plan === undefined ? null : openPlanFile(options.plan, from);
  const { plan: whole } = saved ?? loaded;
  const batch = { ...loaded, plan: { ...whole, budget: budgetInForce(whole.budget, options) } };
  const selection = saved?.selection ?? options;
  const said = sayWarnings(context, batch, options);
  const { location, plan: batchPlan } = batch;
  const lost = lostState(location.path, batchPlan.batch);
  const source = { batch, cwd, nowMs: systemClock().nowMs() };
  const before = () => readState(location.path, source);
  const asked = selectJobs(() => selectableJobs(batchPlan, before()), selection);
  await withState(location.path, async (store) => saved?.check(store, before, asked));
  const remakes = saved?.remakes ?? options;
  const { remakeOnly, left } = saved ?? {};
  const { sameBatch } = options;
  const toBuy = { asked, left, failed: selection.failed, nowMs: source.nowMs, ...remakes, remakeOnly, sameBatch };
  const { foreseen, wanted, formerNames, refused, leftOut, ...known } = await withState(location.path, (store) =>
    readOutlook(store, batch, toBuy),
  );
  const { free, former, corrections, unpriced } = foreseen;
  const notBought = new Set([...free.keys(), ...former.map(({ key }) => key)]);
  const only = (key: string) => wanted(key) && !notBought.has(key);
  const next = { ...source, budgetOf: { only, isFree: (key: string) => free.has(key), corrections, unpriced } };
  const budgeted = batchPlan.budget.caps.length > 0 ? readState(location.path, next) : null;
  const inForce = withLimitsSet(foreseen.plan, location.path);
  const view = buildPlanView(inForce, {
    ...known,
    foreseen,
    budgeted,
    catalogue,
    again: batch.again,
    retryFailed: selection.failed,
    notes: [
      ...(lost === null ? [] : [lost]),
      ...refused,
      ...formerNames,
      ...foreseen.notes,
      ...(leftOut.length > 0 ? [leftWords(leftOut)] : []),
    ],
  });
  const { waiting } = foreseen;
  const state = { statePath: location.path, folder: dirname(manifestPath), waiting };
  if (options.out !== undefined) await writePlan(context, state, view, options);
  const quotes = options.quote ? await askQuotes(batch, view.rows, context.interrupts.stop) : null;
  if (options.json) {
    const document = { ...planJson(view), ...(quotes ? { quotes: quotesJson(quotes) } : {}) };
    context.out.write(`${JSON.stringify(document, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  context.out.write(planText(view, { paint, verbose: options.verbose ?? false, quiet: options.quiet ?? false, said }));
  if (quotes) context.out.write(`\n${quoteLines(quotes, paint).join('\n')}\n`);
  return EXIT.ok;
}

/** @throws LocalizeError USAGE */
export function refuseApprovedAlone({
  includeApproved,
  remake,
}: Pick<PlanOptions, 'includeApproved' | 'remake'>): void {
  if (!includeApproved || remake) return;
  throw new LocalizeError('USAGE', '--include-approved says what --remake takes in; alone it does nothing');
}

async function writePlan(
  { cwd, err }: CommandContext,
  { statePath, folder, waiting }: { statePath: string; folder: string; waiting: ForeseenRun['waiting'] },
  view: PlanView,
  options: PlanOptions,
): Promise<void> {
  const path = resolve(cwd, options.out ?? '');
  if (!existsSync(dirname(path))) {
    throw new LocalizeError(
      'USAGE',
      `--out names a file in ${displayPath(dirname(path), cwd)}, and there is no such folder`,
    );
  }
  keepForeign(path, { what: 'saved plan', isOwn: (head) => head.includes('"format": "localize-plan"'), cwd });
  const saved = await withState(statePath, (store) =>
    savePlan(view, { store, selection: options, nowMs: systemClock().nowMs(), folder, waiting }),
  );
  try {
    writeFileSync(path, `${JSON.stringify(saved, null, 2)}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LocalizeError('OUTPUT_UNWRITABLE', `the plan cannot be saved: ${why}`, { cause: error });
  }
  if (!options.quiet) err.write(`saved: localize run --plan ${displayPath(path, cwd)} carries out exactly this\n`);
}

/** Reading never makes a state. */
async function withState<T>(statePath: string, work: (store: Store | null) => Promise<T>): Promise<T> {
  if (!storeExists(statePath)) return work(null);
  const store = openStore(statePath, { readonly: true });
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
