import { hostname } from 'node:os';
import type { Micros, Plan, Snapshot } from '@localize/core';
import { PlanReplacedError, type RunEvent } from '@localize/runner';
import type { Confirm, OfferRemakes } from './batch/agree.js';
import { carefulListener } from './batch/careful-listener.js';
import { endCreates } from './batch/end-creates.js';
import { type ExecutedRun, executeRun, stoppedRun } from './batch/execute-run.js';
import { type LoadedBatch, type LoadOptions, loadBatch, withoutTexts } from './batch/load-batch.js';
import { findManifest } from './batch/manifest-path.js';
import { needsYes, yesNeeded } from './batch/needs-yes.js';
import type { LanesNow } from './batch/take-lanes.js';
import { whenFree } from './batch/when-free.js';
import { readUserConfig } from './config/read-user-config.js';
import { isAbort } from './errors/is-abort.js';
import { readVersion } from './infra/process-context.js';
import { type OpenPlan, openPlanFile } from './plan-file/open-plan-file.js';
import { refuseWrongNumbers } from './refuse-numbers.js';
import { refuseWrongOptions, refuseWrongPath } from './refuse-options.js';
import { refuseEmpty } from './select/refuse-empty.js';
import { type Selection, selectJobs, selectsAll } from './select/select-jobs.js';
import { type SelectableJob, selectableJobs } from './select/selectable-job.js';

/**
 * How to run a manifest. Which jobs: the fields of {@link Selection} are the command's options of the same names; all
 * jobs when none is given.
 */
export interface RunBatchOptions extends Selection {
  /** Aborting it ends creates; replies in flight are awaited. Run again to go on. */
  readonly signal?: AbortSignal | undefined;
  /** Aborting it gives up that wait too: creates without a reply become uncertain, and the next run settles them. */
  readonly abort?: AbortSignal | undefined;
  /**
   * Told everything that happens, in order. What it throws ends no run: it is told nothing more, and the promise rejects
   * with it once the run has ended.
   */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Told what the manifest means, before anything is opened, written or bought. */
  readonly onLoaded?: ((batch: LoadedBatch) => void) | undefined;
  /** Told how to look at the state, until the run has told its end. */
  readonly onOpen?: ((snapshot: () => Snapshot, lanes: () => LanesNow | null) => void) | undefined;
  /**
   * Asked before the run buys, with what it would newly spend; `false` ends it with nothing spent. A yes is to that
   * amount, or to `confirm_above_usd` where that is more: creates beyond it wait, unless it held an unknown price.
   * `any-amount` sets no such limit. Without it, and without `yes`, the command's own question counts as answered with no:
   * what would need a yes there is thrown as `CONFIRMATION_NEEDED`, and no more than `confirm_above_usd` is spent unasked.
   */
  readonly confirm?: Confirm | undefined;
  /** The yes to whatever it comes to, where `confirm` is not asked. */
  readonly yes?: boolean | undefined;
  /**
   * Asked about finished jobs that the manifest or a review wants differently now, where `remake` does not say it
   * already: whether they are bought again. Without it they are kept as they are.
   */
  readonly offerRemakes?: OfferRemakes | undefined;
  /** On the built-in emulator: no keys, no money. */
  readonly emulate?: boolean | undefined;
  /** Goes on without the jobs whose media files are missing or unreadable. */
  readonly keepGoing?: boolean | undefined;
  /** Buys finished jobs again whose inputs changed. */
  readonly remake?: boolean | undefined;
  /** Re-makes take in outputs that a reviewer approved. */
  readonly includeApproved?: boolean | undefined;
  /** Buys nothing: only follows and fetches what is bought. */
  readonly collect?: boolean | undefined;
  /** Buys nothing more after so many milliseconds; what is bought is still fetched. */
  readonly stopAfterMs?: number | null | undefined;
  /** A plan that `localize plan --out` saved: exactly that is carried out, or nothing. Excludes selecting jobs. */
  readonly planFile?: string | undefined;
  /** Cap of what this run newly spends, in micro-dollars; none by default. */
  readonly maxMicros?: Micros | null | undefined;
  /** How long, in milliseconds, another run of the batch is waited for; not at all by default. */
  readonly waitMs?: number | null | undefined;
  /** Told once for each run that is waited for, in words that name it. */
  readonly onHeld?: ((who: string) => void) | undefined;
  /** Hosts beyond the providers' own that may get a key. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Where keys come from that are not in the environment, as of the command's options of these names: `NAME=PATH`. */
  readonly keyFile?: readonly string[] | undefined;
  readonly keyCommand?: readonly string[] | undefined;
  /** A command to run for what calls for attention, with it in `LOCALIZE_EVENT`, `LOCALIZE_BATCH`, `LOCALIZE_TEXT`. */
  readonly notifyCommand?: string | undefined;
  /** Reads the user's own settings, which are meant for the command; they are left alone by default. */
  readonly ownSettings?: boolean | undefined;
  /** This manifest continues a batch that another manifest path began. */
  readonly sameBatch?: boolean | undefined;
  /** Path of the state database. */
  readonly state?: string | undefined;
  /** Where keys are looked up, beside `.env`; the process's environment by default. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** Relative paths start here; the process's working directory by default. */
  readonly cwd?: string | undefined;
  /** Colours in the texts about the manifest. */
  readonly color?: boolean | undefined;
}

/**
 * How a run ended: `exit` as of the command (0: every selected job succeeded), where the batch stands, its page. Where
 * the signal came before the manifest was read, the snapshot holds no jobs and no name.
 */
export type RunBatchResult = ExecutedRun;

/**
 * Runs a manifest to its end, from wherever its batch stands. Prints nothing and never exits; `localize run` is this
 * with a progress display.
 * @param path a manifest, or a folder with a `manifest.yaml`; `undefined`: `./manifest.yaml`
 * @throws ManifestInvalid with every mistake; LocalizeError with a code of `docs/errors.md`
 */
export async function runBatch(path: string | undefined, options: RunBatchOptions = {}): Promise<RunBatchResult> {
  refuseWrongPath(path);
  refuseWrongOptions(options);
  refuseEmpty(options);
  refuseWrongNumbers(options);
  const cwd = options.cwd ?? process.cwd();
  const signal = options.signal ?? new AbortController().signal;
  const { color = false, variables = process.env } = options;
  const loadOptions: LoadOptions = {
    emulate: options.emulate ?? false,
    keepGoing: options.keepGoing ?? false,
    color,
    signal,
    cwd,
    variables,
    state: options.state,
    allowHosts: options.allowHosts ?? [],
    keyFlags: options,
    ownConfig: options.ownSettings ? readUserConfig(variables, { color }) : null,
    knownPlans: true,
    isToRun: true,
  };
  const manifest = findManifest(cwd, path);
  let batch: LoadedBatch | null = null;
  try {
    batch = await loadBatch(manifest, loadOptions);
    options.onLoaded?.(batch);
    batch = withoutTexts(batch, loadOptions);
    return await runSelected(batch, options, cwd).catch(async (error: unknown) => {
      if (!(error instanceof PlanReplacedError)) throw error;
      return runSelected(await loadBatch(manifest, { ...loadOptions, knownPlans: false }), options, cwd);
    });
  } catch (error) {
    if (isAbort(error, signal)) return stoppedRun(batch, cwd);
    throw error;
  }
}

async function runSelected(batch: LoadedBatch, options: RunBatchOptions, cwd: string): Promise<RunBatchResult> {
  const from = { cwd, plan: batch.plan, manifestPath: batch.manifest.absolute, asked: options };
  const saved = options.planFile === undefined ? null : openPlanFile(options.planFile, from);
  if (saved) {
    const pinned = { ...batch, plan: saved.plan, remember: null };
    const asked = { ...options, ...saved.selection, ...saved.remakes, offerRemakes: undefined };
    return runLoaded(pinned, asked, { cwd, saved });
  }
  refuseTypos(batch.plan, options);
  return runLoaded(batch, options, { cwd, saved });
}

async function runLoaded(
  batch: LoadedBatch,
  options: RunBatchOptions,
  { cwd, saved }: { cwd: string; saved: OpenPlan | null },
): Promise<RunBatchResult> {
  const signal = options.signal ?? new AbortController().signal;
  const creates = endCreates({ collect: options.collect ?? false, stopAfterMs: options.stopAfterMs ?? null });
  const listener = carefulListener(options.onEvent ?? (() => undefined));
  const work = () =>
    executeRun(batch, {
      ...toExecute(options),
      onEvent: listener.onEvent,
      cwd,
      endCreates: creates.signal,
      check: saved?.check,
      remakeOnly: saved?.remakeOnly,
      left: saved?.left,
    });
  try {
    const done = await whenFree(work, {
      waitMs: options.waitMs ?? null,
      signal,
      onHeld: options.onHeld ?? (() => undefined),
    });
    listener.rethrow();
    return done;
  } finally {
    creates.close();
  }
}

function toExecute(options: RunBatchOptions) {
  const { sameBatch, remake, includeApproved, collect, maxMicros, signal, abort, onOpen } = options;
  const { offerRemakes, notifyCommand } = options;
  const confirm = collect ? options.confirm : (options.confirm ?? (options.yes ? anyAmount : refuseUnasked));
  return {
    version: readVersion(),
    host: hostname(),
    select: selectsAll(options) ? undefined : (known: () => readonly SelectableJob[]) => selectJobs(known, options),
    retryFailed: options.failed,
    stop: signal,
    ...{
      sameBatch,
      remake,
      includeApproved,
      collect,
      maxMicros,
      abort,
      onOpen,
      confirm,
      offerRemakes,
      notifyCommand,
    },
  };
}

/** Before anything is written; where jobs go and which of them failed, only the state knows. */
function refuseTypos(plan: Plan, { only, lang, video, limit }: Selection): void {
  selectJobs(() => selectableJobs(plan, null), { only, lang, video, limit });
}

const anyAmount: Confirm = async () => 'any-amount';

/** Nobody is there who could be asked. @throws LocalizeError CONFIRMATION_NEEDED */
const refuseUnasked: Confirm = async (spending) => {
  if (!needsYes(spending)) return true;
  const hint =
    'give runBatch a `confirm` that says true once somebody has agreed to it, or `yes: true` to spend whatever it comes to';
  throw yesNeeded(spending, 'runBatch was given none', hint);
};
