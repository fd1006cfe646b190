import {
  type JobSnapshot,
  mappedJobs,
  type Plan,
  type PlannedJob,
  SNAPSHOT_VERSION,
  type Snapshot,
  type StreamedSnapshot,
} from '@localize/core';
import {
  BatchJobs,
  type ChangedJob,
  type EditedOutputs,
  machineTimeZone,
  type NextRun,
  openStore,
  paidAsFormer,
  readStandings,
  redoOutlook,
  remakeOffer,
  type Store,
  storeExists,
  withBudget,
  withSeenPrice,
  withSnapshot,
} from '@localize/runner';
import { displayPath } from '../output/display-path.js';
import type { LoadedBatch } from './load-batch.js';
import type { RenamedBatch } from './renamed-batch.js';
import { withListing } from './unlisted.js';

export interface SnapshotSource {
  readonly batch: LoadedBatch;
  readonly cwd: string;
  readonly nowMs: number;
  /** The budget as it is for the next run of these jobs; by default for the last run, with its own cap. */
  readonly budgetOf?: NextRun;
  /** What was bought before the batch had its name, as {@link readRenamed} tells it; counts until a run has counted it. */
  readonly renamed?: RenamedBatch | null | undefined;
  /** Finished jobs that the manifest asks for differently now; by default as the last run found them. */
  readonly changed?: readonly ChangedJob[] | null;
  /** Finished jobs in whose video's place another file lies now; by default as the last run found them. */
  readonly edited?: EditedOutputs | null;
}

/** The read model of a batch from an open store; the plan alone when the state does not know the batch yet. */
export function takeSnapshot(store: Store, source: SnapshotSource): Snapshot {
  return withTakenSnapshot(store, source, inMemory);
}

function inMemory(snapshot: StreamedSnapshot): Snapshot {
  return { ...snapshot, jobs: [...snapshot.jobs] };
}

/** The same without all jobs in memory: they are read while `look` goes through them, as often as it does. */
export function withTakenSnapshot<T>(store: Store, source: SnapshotSource, look: (snapshot: StreamedSnapshot) => T): T {
  const { batch, cwd, nowMs, budgetOf } = source;
  const { plan } = batch;
  const options = {
    batch: plan.batch,
    manifest: batch.again,
    emulated: plan.emulate,
    nowMs,
    prices: plan.prices,
    showPath: (path: string) => displayPath(path, cwd),
    edited: source.edited ?? null,
  };
  return withSnapshot(store, options, (found) => {
    const snapshot =
      found === null || isEmpty(found.jobs)
        ? plannedSnapshot(source, store)
        : { ...found, jobs: withManifest(found.jobs, source, store) };
    const seen = source.changed ? mappedJobs(snapshot.jobs, changesNow(store, source.changed, plan)) : snapshot.jobs;
    const withRedo = redoOutlook(store, plan);
    const jobs = mappedJobs(seen, (job) => withListing(withRedo(job)));
    const { next, former, warnings } = renamedNow(store, source, found === null);
    const all = { ...snapshot, jobs, warnings: [...snapshot.warnings, ...warnings] };
    return look(withBudget(store, all, plan, budgetOf ?? next, former));
  });
}

/** Of a batch that was renamed, what is still to be counted: a run that began since has counted it. */
function renamedNow(store: Store, { batch, renamed, budgetOf }: SnapshotSource, isNew: boolean) {
  if (renamed?.kind === 'new' && isNew) return { next: renamed.budgetOf, warnings: renamed.warnings };
  if (renamed?.kind !== 'known' || budgetOf !== undefined) return { warnings: [] };
  return { former: paidAsFormer(store, batch.plan.batch, renamed.former), warnings: renamed.warnings };
}

/** What was paid for before is no change that costs anything: a run takes it back. */
function changesNow(store: Store, found: readonly ChangedJob[], plan: Plan): (job: JobSnapshot) => JobSnapshot {
  const fields = new Map(found.flatMap((each) => (each.isPaidFor ? [] : [[each.key, each.fields] as const])));
  const planned = new Map<string, PlannedJob>();
  if (fields.size > 0) for (const job of plan.jobs) if (fields.has(job.key)) planned.set(job.key, job);
  return ({ changed: _, ...job }) => {
    const now = planned.get(job.key);
    if (now === undefined) return job;
    return { ...job, changed: { fields: fields.get(job.key) ?? [], ...remakeOffer(store, now, plan.prices) } };
  };
}

function isEmpty(jobs: Iterable<JobSnapshot>): boolean {
  for (const _ of jobs) return false;
  return true;
}

/**
 * Jobs that have come into the manifest since the last run wait like all others, in the manifest's order; those that have
 * left it are orphaned, as the next run will find them.
 */
function withManifest(
  found: Iterable<JobSnapshot>,
  { batch, cwd }: SnapshotSource,
  store: Store,
): Iterable<JobSnapshot> {
  const { plan } = batch;
  // What the state has registered, it has told.
  if (plan.jobs instanceof BatchJobs && plan.jobs.isInState) return found;
  const standings = readStandings(store, plan);
  const planJobs = [...plan.jobs];
  const inManifest = new Set(planJobs.map(({ key }) => key));
  const asInManifest = (job: JobSnapshot) => {
    const orphaned = !inManifest.has(job.key);
    return job.orphaned === orphaned ? job : { ...job, orphaned };
  };
  const stored = mappedJobs(found, asInManifest);
  if (planJobs.every(({ key }) => standings.has(key))) return stored;
  const known = new Map(Array.from(stored, (job) => [job.key, job]));
  const planned = planJobs.map((job) => known.get(job.key) ?? plannedJob(withSeenPrice(store, job, plan.prices), cwd));
  return [...planned, ...[...known.values()].filter(({ orphaned }) => orphaned)];
}

/** The same without opening more than needed: reading never makes a state. */
export function readState(statePath: string, source: SnapshotSource): Snapshot {
  return withState(statePath, source, inMemory);
}

/** The same without all jobs in memory, as {@link withTakenSnapshot} does it. */
export function withState<T>(statePath: string, source: SnapshotSource, look: (snapshot: StreamedSnapshot) => T): T {
  if (!storeExists(statePath)) {
    return look(withBudget(null, plannedSnapshot(source, null), source.batch.plan, source.budgetOf));
  }
  const store = openStore(statePath, { readonly: true });
  try {
    return withTakenSnapshot(store, source, look);
  } finally {
    store.close();
  }
}

/** Of a batch of which nothing is known, its name included. */
export function emptySnapshot(nowMs: number): Snapshot {
  const names = { batch: '', manifest: '', emulated: false };
  const times = { takenAtMs: nowMs, timeZone: machineTimeZone() };
  return { version: SNAPSHOT_VERSION, ...names, ...times, runs: [], lanes: [], jobs: [], warnings: [] };
}

/** A batch that never ran: every job waits. */
function plannedSnapshot({ batch, cwd, nowMs }: SnapshotSource, store: Store | null): StreamedSnapshot {
  const { plan } = batch;
  return {
    version: SNAPSHOT_VERSION,
    batch: plan.batch,
    manifest: batch.again,
    emulated: plan.emulate,
    takenAtMs: nowMs,
    timeZone: machineTimeZone(),
    runs: [],
    lanes: [],
    jobs: mappedJobs(plan.jobs, (job) => plannedJob(withSeenPrice(store, job, plan.prices), cwd)),
    warnings: plan.warnings,
  };
}

function plannedJob(job: PlannedJob, cwd: string): JobSnapshot {
  const choice = job.choices[0];
  const { video } = job;
  return {
    key: job.key,
    videoId: job.videoId,
    language: job.language,
    labels: job.labels,
    state: 'pending',
    orphaned: false,
    route: choice?.route ?? null,
    estimateMicros: choice?.estimate.micros ?? null,
    output: null,
    outputSha256: null,
    outputBytes: null,
    outputDurationMs: null,
    trackDurationMs: job.durationMs,
    source: video.kind === 'file' ? displayPath(video.path, cwd) : video.url.replace(/[?#].*$/, ''),
    holdReason: null,
    reason: null,
    mend: null,
    attempts: [],
  };
}
