import {
  type BudgetCap,
  type Catalogue,
  EXIT,
  type ExitCode,
  type Micros,
  type Plan,
  type Snapshot,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import {
  bootClock,
  budgetInForce,
  type ChangedJob,
  changedJobs,
  type JobStanding,
  openStore,
  type RunEvent,
  readStandings,
  retry,
  runBatch,
  type Store,
  systemClock,
  withSeenPrices,
} from '@localize/runner';
import type { TextFilter } from '../select/key-filter.js';
import { refuseNetworkFolder } from '../state/network-folder.js';
import type { LoadedBatch } from './load-batch.js';
import { newSpending, type Spending } from './new-spending.js';
import { refuseUnpriced } from './refuse-unpriced.js';
import { openSession } from './session.js';
import { type LanesNow, takeRunLanes } from './take-lanes.js';
import { takeSnapshot } from './take-snapshot.js';
import { watchedRun } from './watched-run.js';
import { writeReports } from './write-reports.js';

const EMULATED_LISTING_LAG_MS = 500;

/** Says whether that may be spent. */
export type Confirm = (spending: Spending) => Promise<boolean>;

/** Says whether finished jobs that are wanted differently now are bought again. */
export type OfferRemakes = (
  changed: readonly ChangedJob[],
  standings: ReadonlyMap<string, JobStanding>,
  plan: Plan,
  only: (key: string) => boolean,
) => Promise<boolean>;

export interface ExecuteOptions {
  readonly cwd: string;
  readonly version: string;
  readonly host: string;
  readonly sameBatch?: boolean | undefined;
  readonly remake?: boolean | undefined;
  readonly includeApproved?: boolean | undefined;
  /** Which jobs, by their keys, once the state is open; all by default. */
  readonly select?: ((before: () => Snapshot) => TextFilter) | undefined;
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
  /** Asked with the state before the run, when keys and hosts are found good; `false` ends it with nothing spent. */
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
  readonly snapshot: Snapshot;
  /** The report's page; `null` when nothing was run. Absolute. */
  readonly report: string | null;
}

/** Runs a loaded batch to its end: session, state, run, reports. Prints nothing and never exits. */
export async function executeRun(batch: LoadedBatch, options: ExecuteOptions): Promise<ExecutedRun> {
  const { manifest, location } = batch;
  refuseNetworkFolder(location.path);
  const session = await openSession(batch);
  try {
    const store = openStore(location.path);
    try {
      const { plan } = session;
      const snapshot = () => takeSnapshot(store, { batch, cwd: options.cwd, nowMs: systemClock().nowMs() });
      const before = once(snapshot);
      const standings = readStandings(store, plan.batch);
      const only = options.select?.(before) ?? (() => true);
      await options.check?.(store, before, only);
      const changed = options.collect ? [] : await changedJobs(store, plan);
      const expected = withSeenPrices(plan, store);
      const spending = newSpending(expected, { ...options, standings, changed, only });
      if (!options.collect) refuseUnpriced(spending.toBuy, capsInForce(plan, options));
      if (options.confirm && !(await options.confirm(spending))) {
        return { exit: EXIT.userLimit, snapshot: before(), report: null };
      }
      const remake = options.remake || (await options.offerRemakes?.(changed, standings, expected, only));
      if (options.retryFailed && [...standings].some(([key, { state }]) => state === 'failed' && only(key))) {
        await retry(
          { store, batch: plan.batch, clock: bootClock(store), host: options.host },
          { only, uncertain: false },
        );
      }
      const begun = { yet: false };
      options.onOpen?.(snapshot, () => (store.sqlite.open && begun.yet ? takeRunLanes(store, plan) : null));
      const after = once(snapshot);
      const { exit } = await watchedRun(batch, { store, session, snapshot: after, ...options }, (onEvent) =>
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
          only,
          onEvent: (event) => {
            begun.yet ||= event.type === 'run:started';
            onEvent(event);
          },
          remake: remake ?? false,
          maxMicros: options.maxMicros ?? null,
          ...pickRunOptions(options),
        }),
      );
      return { exit, snapshot: after(), report: writeReports(plan, after(), options.cwd) };
    } finally {
      store.close();
    }
  } finally {
    await session.close();
  }
}

function once<T>(work: () => T): () => T {
  let done: { value: T } | null = null;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

function capsInForce({ budget }: Plan, { maxMicros }: ExecuteOptions): readonly BudgetCap[] {
  return budgetInForce(budget, maxMicros ?? null).caps;
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
