import { type Catalogue, EXIT, type ExitCode, type ProviderId, type Snapshot } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import {
  lostState,
  makeStateFolder,
  openStore,
  type RunEvent,
  runBatch,
  type Store,
  systemClock,
  uploadDestination,
} from '@localize/runner';
import { refuseNetworkFolder } from '../state/network-folder.js';
import { type AgreeOptions, agree } from './agree.js';
import { knownJobs } from './known-jobs.js';
import { laneHost } from './lane-host.js';
import type { LoadedBatch } from './load-batch.js';
import { once } from './once.js';
import { type ReportedRun, reportKilledRun, reportRun } from './report-run.js';
import { openSession, type Session } from './session.js';
import { type LanesNow, runLanes } from './take-lanes.js';
import { emptySnapshot, readState, takeSnapshot } from './take-snapshot.js';
import { unaskedWords } from './unasked-words.js';
import { UploadPaces } from './upload-paces.js';
import { watchedRun } from './watched-run.js';

const EMULATED_LISTING_LAG_MS = 500;

type Problem = Pick<Extract<RunEvent, { type: 'problem' }>, 'key' | 'message'>;

export interface ExecuteOptions extends AgreeOptions {
  readonly cwd: string;
  readonly version: string;
  readonly stop?: AbortSignal | undefined;
  readonly abort?: AbortSignal | undefined;
  /** Ends creates; what is out there is followed to its end. */
  readonly endCreates?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Run for what calls for attention. */
  readonly notifyCommand?: string | undefined;
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
  const { location } = batch;
  refuseNetworkFolder(location.path);
  // Before the emulator, which keeps its own things beside it; else not until the keys are found good.
  if (batch.plan.emulate) makeStateFolder(location.path);
  const session = await openSession(batch);
  try {
    const lost = lostState(location.path, batch.plan.batch);
    const store = openStore(location.path);
    try {
      return await runAgreed(batch, store, session, { ...options, lost });
    } finally {
      store.close();
    }
  } finally {
    await session.close();
  }
}

/** Settles what the run may buy, asking where there is something to ask, and carries that out. */
async function runAgreed(
  batch: LoadedBatch,
  store: Store,
  session: Session,
  options: ExecuteOptions & { readonly lost: string | null },
): Promise<ExecutedRun> {
  const { plan } = session;
  const source = () => ({ batch, cwd: options.cwd, nowMs: systemClock().nowMs() });
  const snapshot = () => takeSnapshot(store, source());
  const stands = once(() => lookAgain(batch, options.cwd));
  const before = { snapshot: once(snapshot), jobs: () => knownJobs(store, source()) };
  const agreed = await agree(batch, store, plan, before, options);
  if (agreed === null) return ended({ exit: EXIT.userLimit, reported: null, snapshot: stands });
  const { selected, unasked, ...agreedTo } = agreed;
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
      manifestPath: batch.manifest.absolute,
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
        if (event.type !== 'run:started') return;
        for (const problem of problemsAtStart(options.lost, unasked, batch)) {
          onEvent({ type: 'problem', atMs: event.atMs, ...problem });
        }
      },
      onRegistered: () => batch.remember?.(),
      ...agreedTo,
      maxMicros: options.maxMicros ?? null,
      ...pickRunOptions(options),
    }),
  );
  const { cwd, version } = options;
  const reported = reportRun(store, { batch, runId, cwd, version, nowMs: systemClock().nowMs() });
  return ended({ exit, reported, snapshot: stands });
}

/** What was found out before there was a run to tell it. */
function problemsAtStart(lost: string | null, unasked: readonly string[], { again }: LoadedBatch): Problem[] {
  return [
    ...(lost === null ? [] : [{ message: lost }]),
    ...unasked.map((key) => ({ key, message: unaskedWords(key, again) })),
  ];
}

/** Where local files go, by provider. */
function destinationsOf({ plan, staging }: Session): (provider: ProviderId) => string | null {
  return (provider) => {
    const host = laneHost(plan, provider);
    return staging?.destination ?? (host === null ? null : uploadDestination({ provider, host }));
  };
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
