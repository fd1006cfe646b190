import {
  boughtUnderFormerNames,
  type FormerJob,
  foreseeRun,
  formerJobs,
  isKnownBatch,
  mayBeRenamed,
  type NextRun,
  openStore,
  PlanLook,
  type Store,
  storeExists,
  uncountedWords,
} from '@localize/runner';
import type { LoadedBatch } from './load-batch.js';

/** What a batch has from the name that it had before. */
export type RenamedBatch =
  /** It has not run under its name yet. */
  | {
      readonly kind: 'new';
      /** With what was spent under the former name, and without the jobs that its results serve. */
      readonly budgetOf: NextRun;
      readonly warnings: readonly string[];
    }
  /** It has, when no cap counted what was bought before. */
  | { readonly kind: 'known'; readonly former: readonly FormerJob[]; readonly warnings: readonly string[] };

/**
 * Looks at what was bought for a batch while it had another name, which its next run will count under the caps of its
 * whole life. Reads only.
 * @returns `null` where there is no such cap, or nothing that the state does not count already
 */
export async function readRenamed(batch: LoadedBatch, nowMs: number): Promise<RenamedBatch | null> {
  const { location, manifest, plan } = batch;
  if (!plan.budget.caps.some(({ period }) => period === 'batch') || !storeExists(location.path)) return null;
  const store = openStore(location.path, { readonly: true });
  try {
    if (!mayBeRenamed(store, manifest.absolute, plan.batch)) return null;
    return await (isKnownBatch(store, plan.batch) ? lookKnown(store, batch) : lookNew(store, batch, nowMs));
  } finally {
    store.close();
  }
}

async function lookNew(store: Store, { manifest, plan }: LoadedBatch, nowMs: number): Promise<RenamedBatch> {
  const run = { caps: plan.budget.caps, wanted: () => true, manifestPath: manifest.absolute, nowMs };
  const { free, former, corrections, unpriced, notes } = await foreseeRun(store, plan, run);
  const notBought = new Set([...free.keys(), ...former.map(({ key }) => key)]);
  return {
    kind: 'new',
    budgetOf: { only: (key) => !notBought.has(key), isFree: (key) => free.has(key), corrections, unpriced },
    warnings: [...boughtUnderFormerNames(store, plan, manifest.absolute), ...notes],
  };
}

async function lookKnown(store: Store, { manifest, plan }: LoadedBatch): Promise<RenamedBatch> {
  const former = await formerJobs(store, plan, manifest.absolute, new PlanLook(store, plan));
  return { kind: 'known', former, warnings: uncountedWords(store, plan, manifest.absolute, former) };
}
