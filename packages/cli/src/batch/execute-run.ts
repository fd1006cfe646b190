import {
  type BudgetCap,
  type Catalogue,
  EXIT,
  type ExitCode,
  type Micros,
  type MoneyWait,
  type Plan,
  type ProviderId,
  type Snapshot,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import {
  BatchJobs,
  batchFolder,
  bootClock,
  budgetInForce,
  type ChangedJob,
  changedJobs,
  type ForeseenRun,
  foreseeRemakes,
  type JobStanding,
  makeStateFolder,
  openStore,
  PlanLook,
  type RunEvent,
  type RunWithRemakes,
  readStandings,
  retry,
  runBatch,
  type Store,
  systemClock,
  uploadDestination,
} from '@localize/runner';
import { withActionLog } from '../log/action-log.js';
import { isToBuy } from '../output/plan-view.js';
import type { TextFilter } from '../select/key-filter.js';
import type { SelectableJob } from '../select/selectable-job.js';
import { refuseNetworkFolder } from '../state/network-folder.js';
import { knownJobs } from './known-jobs.js';
import { laneHost } from './lane-host.js';
import type { LoadedBatch } from './load-batch.js';
import { agreedSpending, newSpending, type Spending } from './new-spending.js';
import { once } from './once.js';
import { refuseUnpriced } from './refuse-unpriced.js';
import { type ReportedRun, reportKilledRun, reportRun } from './report-run.js';
import { openSession, type Session } from './session.js';
import { type LanesNow, runLanes } from './take-lanes.js';
import { emptySnapshot, readState, takeSnapshot } from './take-snapshot.js';
import { UploadPaces } from './upload-paces.js';
import { watchedRun } from './watched-run.js';

const EMULATED_LISTING_LAG_MS = 500;

/** Says whether that may be spent: `true` is a yes to that amount, `any-amount` one to whatever it comes to. */
export type Confirm = (spending: Spending) => Promise<boolean | 'any-amount'>;

/**
 * Says whether finished jobs that are wanted differently now are bought again.
 * @param again the run that does so
 */
export type OfferRemakes = (
  changed: readonly ChangedJob[],
  standings: ReadonlyMap<string, JobStanding>,
  again: RunWithRemakes,
  only: (key: string) => boolean,
) => Promise<boolean>;

export interface ExecuteOptions {
  readonly cwd: string;
  readonly version: string;
  readonly host: string;
  readonly sameBatch?: boolean | undefined;
  readonly remake?: boolean | undefined;
  /** Of finished jobs, by their keys, those that `remake` is about; all by default. */
  readonly remakeOnly?: TextFilter | undefined;
  /** Jobs that are neither bought nor made again, by key: the caps had no room for them when that was settled. */
  readonly left?: ReadonlyMap<string, MoneyWait> | undefined;
  readonly includeApproved?: boolean | undefined;
  /** Which jobs, by their keys, once the state is open; all by default. */
  readonly select?: ((known: () => readonly SelectableJob[]) => TextFilter) | undefined;
  /** Failed jobs that are selected are bought again. */
  readonly retryFailed?: boolean | undefined;
  readonly stop?: AbortSignal | undefined;
  readonly abort?: AbortSignal | undefined;
  /** Ends creates; what is out there is followed to its end. */
  readonly endCreates?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Run for what calls for attention. */
  readonly notifyCommand?: string | undefined;
  /** Looks at the state before anything is bought; what it throws ends the run with nothing spent. */
  readonly check?: ((store: Store, before: () => Snapshot, only: TextFilter) => Promise<void>) | undefined;
  /**
   * Asked with the state before the run, when keys and hosts are found good; `false` ends it with nothing spent. The run
   * then spends no more than was agreed to.
   */
  readonly confirm?: Confirm | undefined;
  /** Nothing is bought. */
  readonly collect?: boolean | undefined;
  /** Cap of what the run newly spends. */
  readonly maxMicros?: Micros | null | undefined;
  /** Asked for finished jobs that are wanted differently now, where `remake` does not say it already. */
  readonly offerRemakes?: OfferRemakes | undefined;
  /** Told how to look at the state until the run has told its end. */
  readonly onOpen?: ((snapshot: () => Snapshot, lanes: () => LanesNow | null) => void) | undefined;
}

export interface ExecutedRun {
  readonly exit: ExitCode;
  /** Where the batch stands. Read from the state when it is first asked for. */
  readonly snapshot: Snapshot;
  /** What there is to say of it; `null` when nothing was run. */
  readonly reported: ReportedRun | null;
  /** The report's page; `null` when nothing was run. Absolute. */
  readonly report: string | null;
}

/** Runs a loaded batch to its end: session, state, run, reports. Prints nothing and never exits. */
export async function executeRun(batch: LoadedBatch, options: ExecuteOptions): Promise<ExecutedRun> {
  const { manifest, location } = batch;
  refuseNetworkFolder(location.path);
  // Before the emulator, which keeps its own things beside it; else not until the keys are found good.
  if (batch.plan.emulate) makeStateFolder(location.path);
  const session = await openSession(batch);
  try {
    const store = openStore(location.path);
    try {
      const { plan } = session;
      const source = () => ({ batch, cwd: options.cwd, nowMs: systemClock().nowMs() });
      const snapshot = () => takeSnapshot(store, source());
      const stands = once(() => lookAgain(batch, options.cwd));
      const before = { snapshot: once(snapshot), jobs: () => knownJobs(store, source()) };
      const agreed = await agree(plan, store, { ...options, batch }, before);
      if (agreed === null) return ended({ exit: EXIT.userLimit, reported: null, snapshot: stands });
      const { selected, remake, left, agreedMicros } = agreed;
      const begun = { yet: false };
      const paces = new UploadPaces();
      const lanes = runLanes(store, plan, {
        emulatedSpeed: batch.emulatedSpeed,
        destinationOf: destinationsOf(session),
        paceOf: (to) => paces.of(to),
      });
      options.onOpen?.(snapshot, () => (store.sqlite.open && begun.yet ? lanes() : null));
      reportKilledRun(store, { batch, cwd: options.cwd, nowMs: systemClock().nowMs() });
      const { exit, runId } = await watchedRun(batch, { store, session, snapshot, ...options }, (onEvent) =>
        runBatch({
          plan,
          manifestPath: manifest.absolute,
          store,
          catalogue: plan.emulate ? withoutLag(catalogue) : catalogue,
          providers,
          keys: session.keys,
          staging: session.staging,
          delivery: session.delivery,
          version: options.version,
          host: options.host,
          ...(session.laneHost ? { laneHost: session.laneHost } : {}),
          ...(selected ? { only: selected } : {}),
          onEvent: (event) => {
            begun.yet ||= event.type === 'run:started';
            paces.onEvent(event);
            onEvent(event);
          },
          onRegistered: () => batch.remember?.(),
          remake,
          left,
          maxMicros: options.maxMicros ?? null,
          agreedMicros,
          ...pickRunOptions(options),
        }),
      );
      const { cwd, version } = options;
      const reported = reportRun(store, { batch, runId, cwd, version, nowMs: systemClock().nowMs() });
      return ended({ exit, reported, snapshot: stands });
    } finally {
      store.close();
    }
  } finally {
    await session.close();
  }
}

/** Where local files go, by provider. */
function destinationsOf({ plan, staging }: Session): (provider: ProviderId) => string | null {
  return (provider) => {
    const host = laneHost(plan, provider);
    return staging?.destination ?? (host === null ? null : uploadDestination({ provider, host }));
  };
}

interface Agreed {
  /** Whether a job, by its key, is asked for; absent where all are. */
  readonly selected: TextFilter | undefined;
  /** Finished jobs that are wanted differently now are bought again. */
  readonly remake: boolean | TextFilter;
  /** What was to be bought or made again too, and is left as it is for want of room under the budget. */
  readonly left: ReadonlyMap<string, MoneyWait>;
  /** What the run may newly spend; `null`: nobody sets a limit by being asked. */
  readonly agreedMicros: Micros | null;
}

/**
 * Settles what is to be bought, and asks; `null`: nothing. Apart from the run, so that none of what it looked at stays in
 * memory while the run goes on.
 */
async function agree(
  plan: Plan,
  store: Store,
  options: ExecuteOptions & { readonly batch: LoadedBatch },
  before: { readonly snapshot: () => Snapshot; readonly jobs: () => readonly SelectableJob[] },
): Promise<Agreed | null> {
  const asked = options.select?.(before.jobs);
  await options.check?.(store, before.snapshot, asked ?? (() => true));
  const look = new PlanLook(store, plan);
  const changed = options.collect ? [] : await changedJobs(store, plan, look);
  // Most jobs of a batch that goes on are done: what nobody asks about is not even read.
  const besides = new Set(changed.map(({ key }) => key));
  const known = plan.jobs instanceof BatchJobs && plan.jobs.isInState ? plan.jobs : null;
  const running = known ? { ...plan, jobs: known.unfinished(besides) } : plan;
  const standings = readStandings(store, running, known ? besides : null);
  const caps = capsInForce(plan, options);
  const { batch, includeApproved, retryFailed, remakeOnly = () => true, left: leave = new Map() } = options;
  const isLeft = (key: string) => leave.has(key) && isToBuy(standings.get(key), retryFailed);
  const selected = leave.size === 0 ? asked : (key: string) => (asked?.(key) ?? true) && !isLeft(key);
  const only = selected ?? (() => true);
  const manifestPath = batch.manifest.absolute;
  const wanted = (key: string) => only(key) && isToBuy(standings.get(key), retryFailed);
  const mayRemake = (key: string) => only(key) && remakeOnly(key);
  const remakes = { changed, standings, mayRemake, includeApproved };
  const run = { caps, wanted, manifestPath, nowMs: systemClock().nowMs(), ...remakes };
  const { plain, remade, withRemakes } = await foreseeRemakes(store, running, run, look);
  const spendingOf = (foreseen: ForeseenRun, again?: ReadonlySet<string>) =>
    newSpending(foreseen, { standings, only, retryFailed, remade: again });
  const told = options.remake && remade.size > 0 ? await withRemakes() : null;
  const spending = told === null ? spendingOf(plain) : spendingOf(told, remade);
  if (!options.collect) refuseUnpriced(spending, caps);
  const yes = options.confirm ? await options.confirm(spending) : 'any-amount';
  if (!yes) return null;
  const isOffered = options.offerRemakes !== undefined && remade.size > 0 && !options.remake;
  const again = isOffered ? await withRemakes() : null;
  const isAgreed =
    again !== null && (await options.offerRemakes?.([...changed, ...plain.former], standings, again, only));
  const offered = isAgreed ? again : null;
  const all = offered === null ? spending : spendingOf(offered, remade);
  if (offered !== null) refuseUnpriced(all, caps);
  if (options.retryFailed && hasFailed(standings, only)) {
    const from = { manifestPath, folder: batchFolder(plan), sameBatch: options.sameBatch ?? false };
    const about = { store, batch: plan.batch, clock: bootClock(store), host: options.host, from };
    // That no log can be kept is told by the run that follows.
    const quietly = () => undefined;
    await withActionLog(batch, quietly, (onEvent) => retry({ ...about, onEvent }, { only, uncertain: false }));
  }
  // What the budget has no room for keeps its finished video, whether it was told or asked for.
  const { waiting } = told ?? offered ?? plain;
  const isRemade = (key: string) => remakeOnly(key) && !waiting.has(key);
  const remake = (options.remake || offered !== null) && isRemade;
  const left = new Map([...leave, ...(told?.unmade ?? [])]);
  return { selected, remake, left, agreedMicros: yes === 'any-amount' ? null : agreedSpending(all) };
}

function hasFailed(standings: ReadonlyMap<string, JobStanding>, only: TextFilter): boolean {
  for (const [key, { state }] of standings) if (state === 'failed' && only(key)) return true;
  return false;
}

function ended(run: Omit<ExecutedRun, 'snapshot' | 'report'> & { snapshot: () => Snapshot }): ExecutedRun {
  const { exit, reported, snapshot } = run;
  return {
    exit,
    reported,
    report: reported?.page ?? null,
    get snapshot() {
      return snapshot();
    },
  };
}

/** What a run comes to that was told to stop before it began. @param batch `null`: its manifest was not read to the end */
export function stoppedRun(batch: LoadedBatch | null, cwd: string): ExecutedRun {
  const snapshot = once(() => (batch === null ? emptySnapshot(systemClock().nowMs()) : lookAgain(batch, cwd)));
  return ended({ exit: EXIT.interrupted, reported: null, snapshot });
}

/** From a state that was closed. */
function lookAgain(batch: LoadedBatch, cwd: string): Snapshot {
  return readState(batch.location.path, { batch, cwd, nowMs: systemClock().nowMs() });
}

function capsInForce({ budget }: Plan, { maxMicros }: ExecuteOptions): readonly BudgetCap[] {
  return budgetInForce(budget, { maxMicros }).caps;
}

/** Options that go to the runner as they are, without the ones that nobody set. */
function pickRunOptions(options: ExecuteOptions) {
  const { sameBatch, includeApproved, stop, abort, endCreates } = options;
  return {
    sameBatch: sameBatch ?? false,
    includeApproved: includeApproved ?? false,
    ...(stop ? { stop } : {}),
    ...(abort ? { abort } : {}),
    ...(endCreates ? { endCreates } : {}),
  };
}

/** The emulator lists what it has at once, so a create that a kill cut off is looked for without a wait. */
function withoutLag(real: Catalogue): Catalogue {
  const providers = real.providers.map((facts) =>
    facts.listingLagMs === null ? facts : { ...facts, listingLagMs: EMULATED_LISTING_LAG_MS },
  );
  return { ...real, providers };
}
