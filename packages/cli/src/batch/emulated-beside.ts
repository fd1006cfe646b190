import { LocalizeError } from '@localize/core';
import { batchNames, openStore, storeExists } from '@localize/runner';
import type { LoadedBatch } from './load-batch.js';

/** Whether a batch that is not emulated has been run on the emulator, which has a state of its own. */
export function wasEmulated({ plan, location }: LoadedBatch): boolean {
  if (plan.emulate || !storeExists(location.emulatedPath)) return false;
  try {
    const store = openStore(location.emulatedPath, { readonly: true });
    try {
      return batchNames(store).includes(plan.batch);
    } finally {
      store.close();
    }
  } catch (error) {
    // What cannot be read there is told to whoever asks for it.
    if (error instanceof LocalizeError) return false;
    throw error;
  }
}
