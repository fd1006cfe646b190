import { existsSync, readFileSync } from 'node:fs';
import { LocalizeError, type Snapshot } from '@localize/core';
import { readPageSnapshot } from '@localize/report';
import { batchNames, openStore, readSnapshot, storeExists } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { runPage } from '../batch/write-reports.js';
import { displayPath } from '../output/display-path.js';

/** Shorter beginnings of a run's id are too likely a typo, or a batch's name. */
const SHORTEST_ID = 4;

/** One side of a comparison. */
export interface ComparedSide {
  readonly snapshot: Snapshot;
  /** The run that left it so; `null` where it is as it stands now. */
  readonly run: string | null;
}

/**
 * What `--compare` names: this batch as one of its runs left it (by the beginning of the run's id), or another batch of
 * the same state.
 * @throws LocalizeError JOB_UNKNOWN
 */
export function comparedSide(named: string, now: Snapshot, batch: LoadedBatch, cwd: string): ComparedSide {
  const run = ofRun(named, now, batch);
  if (run !== null) return run;
  return { snapshot: ofBatch(named, now, batch, cwd) ?? unknown(named, now, batch), run: null };
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

function ofBatch(named: string, now: Snapshot, batch: LoadedBatch, cwd: string): Snapshot | null {
  const { path } = batch.location;
  if (!storeExists(path)) return null;
  const store = openStore(path, { readonly: true });
  try {
    const { manifest, emulated, takenAtMs: nowMs } = now;
    return readSnapshot(store, {
      batch: named,
      manifest,
      emulated,
      nowMs,
      showPath: (shown) => displayPath(shown, cwd),
    });
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
