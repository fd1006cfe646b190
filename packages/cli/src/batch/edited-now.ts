import { type EditedOutputs, editedOutputs, openStore, storeExists } from '@localize/runner';
import type { LoadedBatch } from './load-batch.js';

/** In whose place another file lies now, or nothing, by a look at the files of all finished jobs; `null` without a state. */
export async function editedNow({ location, plan }: LoadedBatch): Promise<EditedOutputs | null> {
  if (!storeExists(location.path)) return null;
  const store = openStore(location.path, { readonly: true });
  try {
    return await editedOutputs(store, plan.batch);
  } finally {
    store.close();
  }
}
