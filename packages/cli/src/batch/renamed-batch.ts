import {
  boughtUnderFormerNames,
  foreseeRun,
  mayBeRenamed,
  type NextRun,
  openStore,
  storeExists,
} from '@localize/runner';
import type { LoadedBatch } from './load-batch.js';

/** What a batch that has not run under its name yet has from the one before. */
export interface RenamedBatch {
  /** With what was spent under the former name, and without the jobs that its results serve. */
  readonly budgetOf: NextRun;
  readonly warnings: readonly string[];
}

/**
 * Looks at what was bought for a batch while it had another name, which its first run will count under the caps of its
 * whole life. Reads only.
 * @returns `null` where there is no such cap, or nothing that the state does not count already
 */
export async function readRenamed(
  { location, manifest, plan }: LoadedBatch,
  nowMs: number,
): Promise<RenamedBatch | null> {
  const { caps } = plan.budget;
  if (!caps.some(({ period }) => period === 'batch') || !storeExists(location.path)) return null;
  const store = openStore(location.path, { readonly: true });
  try {
    if (!mayBeRenamed(store, manifest.absolute, plan.batch)) return null;
    const run = { caps, wanted: () => true, manifestPath: manifest.absolute, nowMs };
    const { free, former, paidBefore, unpriced, notes } = await foreseeRun(store, plan, run);
    const notBought = new Set([...free.keys(), ...former.map(({ key }) => key)]);
    return {
      budgetOf: { only: (key) => !notBought.has(key), paidBefore, unpriced },
      warnings: [...boughtUnderFormerNames(store, manifest.absolute, plan.batch), ...notes],
    };
  } finally {
    store.close();
  }
}
