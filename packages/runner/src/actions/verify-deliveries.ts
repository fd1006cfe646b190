import { eq } from 'drizzle-orm';
import type { Delivery } from '../run-options.js';
import { deliveryName, vanishedDeliveries } from '../step/deliver.js';
import { batches } from '../store/schema/schema.js';
import type { Store } from '../store/store.js';

/** An output that was delivered and is not at its destination any more, or not whole. */
export interface VanishedDelivery {
  readonly key: string;
  /** Below the destination. */
  readonly name: string;
}

/**
 * Looks whether the delivered outputs of a batch are still where they went. Reads only; the next run delivers them again.
 * @returns `null` where nobody may look
 * @throws StagingError
 */
export async function verifyDeliveries(
  store: Store,
  batch: string,
  { delivery, only, signal }: { delivery: Delivery; only: (key: string) => boolean; signal: AbortSignal },
): Promise<VanishedDelivery[] | null> {
  const row = store.db.select().from(batches).where(eq(batches.name, batch)).get();
  if (row === undefined) return [];
  const vanished = await vanishedDeliveries(store, row, delivery, signal);
  const wanted = vanished?.filter(({ key }) => only(key));
  return wanted?.map(({ key, output }) => ({ key, name: deliveryName(batch, output) })) ?? null;
}
