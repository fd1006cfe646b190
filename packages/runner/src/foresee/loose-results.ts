import type { Plan } from '@localize/core';
import { ifReadable } from '../content/if-readable.js';
import { byFingerprint, findResults, type KnownResult } from '../content/result-index.js';
import { outputOf } from '../content/sidecar.js';
import { isInBooks } from '../store/money/adopted.js';
import { outputsBelow } from '../store/outputs-below.js';
import { prepared } from '../store/prepared.js';
import { hasResultIn } from '../store/schema/attempt-states.js';
import type { Store } from '../store/store.js';
import { isThere } from '../store/twins/made-already.js';

/** Results under a plan's output folder that are the output of no job of the state. */
export interface LooseResults {
  readonly all: readonly KnownResult[];
  readonly at: ReadonlyMap<string, KnownResult>;
  readonly of: ReadonlyMap<string, readonly KnownResult[]>;
  /** Whether the state has not made all of them itself. */
  readonly areNew: boolean;
  /** Whether some were paid for and the state counts that nowhere: a run then takes what any of a job's routes has made. */
  readonly areUncounted: boolean;
  /** Folders and sidecars there that may not be read. */
  readonly closed: readonly string[];
}

export const NO_RESULTS: LooseResults = {
  all: [],
  at: new Map(),
  of: new Map(),
  areNew: false,
  areUncounted: false,
  closed: [],
};

/** Reads the sidecars of results that the state does not know the place of: after a lost state all, else few or none. */
export async function looseResults(
  store: Store | null,
  { outputDir, emulate }: Pick<Plan, 'outputDir' | 'emulate'>,
): Promise<LooseResults> {
  // Before the first run there is no such folder; of one that cannot be read the run says so.
  const found = await ifReadable(findResults(outputDir, store === null ? new Set() : outputsBelow(store, outputDir)));
  const all = (found?.results ?? []).filter(({ sidecar }) => sidecar.emulated === emulate);
  return {
    all,
    closed: found?.closed ?? [],
    at: new Map(all.map((result) => [result.path, result])),
    of: byFingerprint(all, emulate),
    areUncounted: all.some(({ sidecar }) => store === null || !isInBooks(store, sidecar)),
    areNew: all.some(({ sidecar }) => store === null || !hasMade(store, sidecar.fingerprint)),
  };
}

/** Whether the video of a sidecar is there, as far as its length tells. */
export function isOnDisk({ path, sidecar }: KnownResult): boolean {
  return isThere(outputOf(path, sidecar));
}

function hasMade(store: Store, fingerprint: string): boolean {
  const row = prepared<[string], unknown>(
    store,
    `SELECT 1 FROM attempts INDEXED BY attempts_twins
       WHERE fingerprint = ? AND ${hasResultIn('')} LIMIT 1`,
  ).get(fingerprint);
  return row !== undefined;
}
