import { EXIT, type ExitCode, LocalizeError, type Plan } from '@localize/core';
import { renderSummary } from '@localize/report';
import { type ExecutedRun, executeRun } from '../batch/execute-run.js';
import type { LoadedBatch } from '../batch/load-batch.js';
import { isHeld, whenFree } from '../batch/when-free.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { followRun } from '../live/follow-run.js';
import { displayPath } from '../output/display-path.js';
import { formatDuration } from '../output/format-duration.js';
import { wantsColor } from '../output/paint.js';
import { totalsJson } from '../output/status-json.js';
import { announceInterrupts } from '../progress/announce-interrupts.js';
import { createProgress, type Progress } from '../progress/progress.js';
import { type Selection, selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { confirmSpending } from './confirm-spending.js';
import { endCreates } from './end-creates.js';
import { openBatch } from './open-batch.js';
import { plan } from './plan.js';
import { type RunLimitOptions, type RunLimits, readRunLimits } from './read-run-limits.js';

export interface RunOptions extends SharedOptions, RunLimitOptions {
  readonly includeApproved?: boolean;
  readonly ui?: boolean;
  readonly yes?: boolean;
  readonly sameBatch?: boolean;
  readonly dryRun?: boolean;
}

/** `localize run`: carries the batch on to its end, from wherever it stands. */
export async function run(
  context: CommandContext,
  manifest: string | undefined,
  options: RunOptions,
): Promise<ExitCode> {
  const limits = readRunLimits(options);
  if (options.includeApproved && !options.remake) {
    throw new LocalizeError('USAGE', '--include-approved says what --remake takes in; alone it does nothing');
  }
  if (options.dryRun) return plan(context, manifest, options);
  const batch = await openBatch(context, manifest, options);
  context.err.write(batch.warnings);
  const done = await carryOut(context, batch, options, limits).catch((error: unknown) => {
    if (options.skipIfRunning && isHeld(error)) return error;
    throw error;
  });
  if (done instanceof Error) {
    context.err.write(`skipped: ${done.message}\n`);
    return EXIT.ok;
  }
  showResult(context, done, options);
  if (done.exit === EXIT.interrupted) sayHowToGoOn(context, batch);
  return done.exit;
}

async function carryOut(
  context: CommandContext,
  batch: LoadedBatch,
  options: RunOptions,
  { waitMs, stopAfterMs }: RunLimits,
): Promise<ExecutedRun> {
  refuseTypos(batch.plan, options);
  const collect = options.collect ?? false;
  const creates = endCreates({ collect, stopAfterMs });
  const progress = createProgress(context, batch.plan, options);
  const { stop, abort } = context.interrupts;
  const announce = announceInterrupts({ stop, abort }, (line) => progress.say(line));
  // Asked once, however often the lock is tried. Collecting spends nothing.
  let yes = (options.yes ?? false) || collect;
  const live = options.ui ? followRun(context.cwd, (line) => sayAlways(context, options, progress, line)) : null;
  const work = () =>
    executeRun(batch, {
      cwd: context.cwd,
      variables: context.variables,
      version: context.version,
      host: context.host,
      allowHosts: options.allowHost,
      sameBatch: options.sameBatch,
      remake: options.remake,
      includeApproved: options.includeApproved,
      select: (before) => selectJobs(selectableJobs(batch.plan, before), options),
      retryFailed: options.failed,
      stop,
      abort,
      endCreates: creates.signal,
      onEvent: (event) => {
        progress.onEvent(event);
        announce.onEvent(event);
        live?.onEvent(event);
      },
      confirm: async (before, running, only) => {
        yes = await confirmSpending(context, running, before, { yes, only, retryFailed: options.failed ?? false });
        return yes;
      },
      onOpen: (snapshot) => live?.look(snapshot),
    });
  const onHeld = (who: string) => progress.say(`${who}; waiting ${waitWords(waitMs)}`);
  try {
    return await whenFree(work, { waitMs, signal: stop, onHeld });
  } finally {
    await live?.close();
    announce.end();
    progress.end();
    creates.close();
  }
}

/** Before anything is written; where jobs go and which of them failed, only the state knows. */
function refuseTypos(batchPlan: Plan, { only, lang, video, limit }: Selection): void {
  selectJobs(selectableJobs(batchPlan, null), { only, lang, video, limit });
}

/** What the user asked for is said even with `--quiet`. */
function sayAlways(context: CommandContext, { quiet }: RunOptions, progress: Progress, line: string): void {
  if (quiet) context.err.write(`${line}\n`);
  else progress.say(line);
}

function waitWords(waitMs: number | null): string {
  return waitMs === null || waitMs === Number.POSITIVE_INFINITY ? 'until it ends' : `up to ${formatDuration(waitMs)}`;
}

function showResult(context: CommandContext, { snapshot, report, exit }: ExecutedRun, options: RunOptions): void {
  if (options.json) {
    context.out.write(`${JSON.stringify({ type: 'totals', exit, ...totalsJson(snapshot) })}\n`);
    return;
  }
  if (report === null) {
    context.err.write('nothing was bought\n');
    return;
  }
  const color = wantsColor(context, context.out, options.color);
  context.out.write(`\n${renderSummary(snapshot, { color, width: context.out.columns })}`);
  context.out.write(`Report: ${displayPath(report, context.cwd)}\n`);
}

function sayHowToGoOn(context: CommandContext, batch: LoadedBatch): void {
  context.err.write(`Interrupted; everything so far is saved. To go on: localize ${batch.again}\n`);
}
