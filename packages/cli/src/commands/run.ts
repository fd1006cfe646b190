import { count, durationWords, EXIT, type ExitCode, LocalizeError, plainText } from '@localize/core';
import { renderSummaryView } from '@localize/report';
import { isHeld } from '../batch/when-free.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { compileLater } from '../infra/compile-later.js';
import { compileParserOnce } from '../infra/compile-parser-once.js';
import { keepRunSmall, onRunEvent } from '../infra/keep-heap-small.js';
import { recordingContext } from '../log/record-errors.js';
import { displayPath } from '../output/display-path.js';
import { wantsColor } from '../output/paint.js';
import { sayWarnings } from '../output/say-warnings.js';
import { totalsJson } from '../output/status-json.js';
import { appendStepSummary } from '../output/step-summary.js';
import { createRunDisplay, type RunDisplay } from '../progress/run-display.js';
import { type RunBatchResult, runBatch } from '../run-batch.js';
import { confirmSpending } from './confirm-spending.js';
import { offerRemakes } from './offer-remakes.js';
import { plan, refuseApprovedAlone } from './plan.js';
import { type RunLimitOptions, type RunLimits, readRunLimits } from './read-run-limits.js';
import { withNext } from './while-unheld.js';

export interface RunOptions extends SharedOptions, RunLimitOptions {
  readonly includeApproved?: boolean;
  readonly ui?: boolean;
  readonly yes?: boolean;
  readonly sameBatch?: boolean;
  readonly dryRun?: boolean;
  readonly logFormat?: string;
  readonly notifyCommand?: string;
  readonly plan?: string;
}

/** `localize run`: carries the batch on to its end, from wherever it stands. */
export async function run(world: CommandContext, manifest: string | undefined, options: RunOptions): Promise<ExitCode> {
  const limits = readRunLimits(options);
  const context = readLogFormat(options.logFormat) === 'json' ? recordingContext(world) : world;
  refuseApprovedAlone(options);
  if (options.dryRun) return plan(context, manifest, { ...options, maxMicros: limits.maxMicros });
  keepRunSmall();
  compileLater();
  compileParserOnce();
  const carried = await carryOut(context, manifest, options, limits).catch((error: unknown) => {
    if (options.skipIfRunning && isHeld(error)) return error;
    throw error;
  });
  if (carried instanceof Error) {
    if (!options.quiet) context.err.write(`skipped: ${carried.message}\n`);
    return EXIT.ok;
  }
  const { done, again } = carried;
  // Stopped before the manifest was read to its end.
  if (again === null) return done.exit;
  // With --quiet the summary is all, unless a signal was in the way.
  const next = options.quiet && done.exit !== EXIT.interrupted ? null : nextStep(done, again, options);
  showResult(context, carried, { ...options, goesOnBelow: next !== null && done.exit !== EXIT.someFailed });
  appendStepSummary(context, () => done.snapshot);
  if (next !== null) context.err.write(`${next}\n`);
  return done.exit;
}

function readLogFormat(format = 'text'): 'text' | 'json' {
  if (format === 'text' || format === 'json') return format;
  throw new LocalizeError('USAGE', `--log-format takes text or json, not ${format}`);
}

interface CarriedOut {
  readonly done: RunBatchResult;
  /** What goes on with the batch; `null` where it was never loaded. */
  readonly again: string | null;
  /** Warnings that the user has seen at the start. */
  readonly said: ReadonlySet<string>;
}

interface Shown extends Pick<CarriedOut, 'again' | 'said'> {
  display: RunDisplay | null;
  again: string | null;
  said: ReadonlySet<string>;
}

/** The library's run, with a display and a question to the user. */
async function carryOut(
  context: CommandContext,
  manifest: string | undefined,
  options: RunOptions,
  { waitMs, stopAfterMs, maxMicros }: RunLimits,
): Promise<CarriedOut> {
  const shown: Shown = { display: null, again: null, said: new Set() };
  // Asked once, however often the lock is tried. Collecting spends nothing.
  let agreed: boolean | undefined;
  let offered: boolean | undefined;
  const offers = context.ask !== null && !options.collect;
  const { only, lang, video, provider, failed, limit, emulate, keepGoing, remake, includeApproved } = options;
  const { collect, sameBatch, state, allowHost, keyFile, keyCommand, notifyCommand, plan: planFile } = options;
  try {
    const done = await runBatch(manifest, {
      ...{ only, lang, video, provider, failed, limit, emulate, keepGoing, remake, includeApproved },
      ...{ collect, sameBatch, state, waitMs, stopAfterMs, maxMicros, allowHosts: allowHost },
      ...{ keyFile, keyCommand, notifyCommand, planFile },
      ownSettings: true,
      cwd: context.cwd,
      variables: context.variables,
      color: wantsColor(context, context.err, options.color),
      signal: context.interrupts.stop,
      abort: context.interrupts.abort,
      onLoaded: (batch) => {
        shown.again = batch.again;
        shown.said = sayWarnings(context, batch, options);
        shown.display = createRunDisplay(context, batch.plan, options);
      },
      onOpen: (snapshot, lanes) => shown.display?.look(snapshot, lanes),
      onEvent: (event) => {
        onRunEvent(event);
        shown.display?.onEvent(event);
      },
      onHeld: (who) => shown.display?.say(`${who}; waiting ${waitWords(waitMs)}`),
      confirm: options.collect
        ? undefined
        : async (spending) => {
            agreed ??= await confirmSpending(context, spending, { ...options, again: shown.again ?? '' });
            return agreed && options.yes ? 'any-amount' : agreed;
          },
      offerRemakes: offers
        ? async (changed, standings, remaking, selected) => {
            offered ??= await offerRemakes(context, remaking, { standings, changed, selected });
            return offered;
          }
        : undefined,
    });
    return { again: shown.again, said: shown.said, done };
  } catch (error) {
    if (!isHeld(error) || shown.again === null) throw error;
    throw withNext(error, shown.again, `localize ${shown.again} --wait goes on after it`);
  } finally {
    await shown.display?.end();
  }
}

function waitWords(waitMs: number | null): string {
  return waitMs === null || waitMs === Number.POSITIVE_INFINITY ? 'until it ends' : `up to ${durationWords(waitMs)}`;
}

function showResult(
  context: CommandContext,
  { done, said }: CarriedOut,
  options: RunOptions & { readonly goesOnBelow: boolean },
): void {
  const { reported, exit } = done;
  if (options.json) {
    context.out.write(
      `${JSON.stringify({ type: 'totals', exit, ...(reported?.totals ?? totalsJson(done.snapshot)) })}\n`,
    );
    return;
  }
  if (reported === null) {
    context.err.write('nothing was bought\n');
    return;
  }
  const color = wantsColor(context, context.out, options.color);
  const seen = new Set([...said].map((warning) => plainText(warning)));
  const warnings = reported.summary.warnings.filter((warning) => !seen.has(warning));
  const summary = { ...reported.summary, warnings, ...(options.goesOnBelow && { left: null }) };
  const gap = options.quiet ? '' : '\n';
  context.out.write(`${gap}${renderSummaryView(summary, { color, width: context.out.columns })}`);
  context.out.write(`Report: ${displayPath(reported.page, context.cwd)}\n`);
}

/** What the summary does not say: how to go on from where the run has ended. */
function nextStep(done: RunBatchResult, again: string, options: RunOptions): string | null {
  const { exit, reported } = done;
  const canceled = reported?.totals.totals.canceled ?? 0;
  switch (exit) {
    case EXIT.interrupted:
      return `Interrupted; everything so far is saved. To go on: localize ${again}`;
    case EXIT.userLimit:
      if (reported === null) return null;
      if (done.snapshot.budget?.some(({ unpricedAttempts }) => unpricedAttempts > 0))
        return `Stopped at a limit that you set, under which an attempt of unknown amount counts; everything so far is saved. To go on, see the warning above, then: localize ${again}`;
      return `Stopped at a limit that you set; everything so far is saved. To go on: localize ${again}${remakeFlags(done, options)}`;
    case EXIT.someFailed:
      if (canceled === 0) return null;
      return `${count(canceled, 'job is', 'jobs are')} canceled and left alone; to take up again: localize retry ${again}`;
    default:
      return null;
  }
}

/** Without them the next run leaves those re-makes as they are that the budget had no room for. */
function remakeFlags({ snapshot }: RunBatchResult, { includeApproved }: RunOptions): string {
  const areLeft = snapshot.jobs.some(({ state, waitsForMoney }) => state === 'succeeded' && waitsForMoney);
  return areLeft ? ` --remake${includeApproved ? ' --include-approved' : ''}` : '';
}
