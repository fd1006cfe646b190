import { existsSync, readFileSync } from 'node:fs';
import { LocalizeError, type Snapshot } from '@localize/core';
import { readPageSnapshot } from '@localize/report';
import { batchNames, manifestPathOf, openStore, readSnapshot, storeExists } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { runPage } from '../batch/write-reports.js';
import { ManifestInvalid } from '../errors/manifest-invalid.js';
import { displayPath } from '../output/display-path.js';

/** Shorter beginnings of a run's id are too likely a typo, or a batch's name. */
const SHORTEST_ID = 4;

/** One side of a comparison. */
export interface ComparedSide {
  readonly snapshot: Snapshot;
  /** The run that left it so; `null` where it is as it stands now. */
  readonly run: string | null;
}

/** What a comparison is made with. */
export interface Comparing {
  readonly batch: LoadedBatch;
  readonly cwd: string;
  /** A batch as its own manifest tells it, loaded from there. */
  readonly tell: (manifestPath: string) => Promise<{ readonly batch: LoadedBatch; readonly snapshot: Snapshot }>;
  /** Takes what the user should know of a side. */
  readonly note: (line: string) => void;
}

/**
 * What `--compare` names: this batch as one of its runs left it (by the beginning of the run's id), or another batch of
 * the same state, as its own manifest has it.
 * @throws LocalizeError JOB_UNKNOWN
 */
export async function comparedSide(named: string, now: Snapshot, comparing: Comparing): Promise<ComparedSide> {
  const { batch } = comparing;
  const run = ofRun(named, now, batch);
  if (run !== null) return run;
  if (named === now.batch) return { snapshot: now, run: null };
  return { snapshot: (await ofBatch(named, now, comparing)) ?? unknown(named, now, batch), run: null };
}

function ofRun(named: string, now: Snapshot, batch: LoadedBatch): ComparedSide | null {
  const runs = named.length < SHORTEST_ID ? [] : now.runs.filter((run) => run.id.startsWith(named));
  const [run] = runs;
  if (run === undefined || runs.length > 1) return null;
  const page = runPage(batch.plan, run.id);
  const snapshot = existsSync(page) ? readPageSnapshot(readFileSync(page, 'utf8')) : null;
  if (snapshot !== null) return { snapshot, run: run.id };
  throw new LocalizeError('JOB_UNKNOWN', `the run ${run.id} left no page that can be compared`, {
    hint: 'the page of a run that was killed is left when the next run begins; name another run, or another batch',
  });
}

async function ofBatch(named: string, now: Snapshot, comparing: Comparing): Promise<Snapshot | null> {
  const { batch, cwd, tell, note } = comparing;
  const path = manifestOf(named, batch);
  if (path === null) return null;
  const shown = displayPath(path, cwd);
  const why = (reason: string) => `${named} is told at the prices that it last ran at: ${shown} ${reason}`;
  try {
    const own = await tell(path);
    if (own.batch.plan.batch === named && own.batch.location.path === batch.location.path) return own.snapshot;
    note(why('is the manifest of another batch by now'));
  } catch (error) {
    if (!(error instanceof LocalizeError || error instanceof ManifestInvalid)) throw error;
    note(why(`cannot be read (${error.message})`));
  }
  return asStored(named, now, comparing);
}

function manifestOf(named: string, { location: { path } }: LoadedBatch): string | null {
  if (!storeExists(path)) return null;
  const store = openStore(path, { readonly: true });
  try {
    return manifestPathOf(store, named);
  } finally {
    store.close();
  }
}

/** What the state alone tells of it. */
function asStored(named: string, now: Snapshot, { batch, cwd }: Comparing): Snapshot | null {
  const store = openStore(batch.location.path, { readonly: true });
  try {
    const { manifest, emulated, takenAtMs: nowMs } = now;
    const showPath = (shown: string) => displayPath(shown, cwd);
    return readSnapshot(store, { batch: named, manifest, emulated, nowMs, showPath });
  } finally {
    store.close();
  }
}

function unknown(named: string, { runs, batch }: Snapshot, { location }: LoadedBatch): never {
  const ids = runs.slice(-LISTED).map((run) => run.id.slice(0, 8));
  const others = otherBatches(location.path, batch).slice(0, LISTED);
  const last = ids.length === 0 ? 'this batch has not run yet' : `its last runs are ${ids.join(', ')}`;
  throw new LocalizeError('JOB_UNKNOWN', `${named} is no batch of this state and no run of this batch`, {
    hint: others.length === 0 ? last : `${last}; other batches are ${others.join(', ')}`,
  });
}

const LISTED = 3;

function otherBatches(path: string, batch: string): string[] {
  if (!storeExists(path)) return [];
  const store = openStore(path, { readonly: true });
  try {
    return batchNames(store).filter((name) => name !== batch);
  } finally {
    store.close();
  }
}
