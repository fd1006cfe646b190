import { type LaneLimits, NO_SET_LIMITS, type ProviderId, type SetLimits } from '@localize/core';
import { recordCeiling } from '../store/lanes/lane-ceilings.js';
import { providerSetLimits, setLimitColumns, setLimits } from '../store/lanes/limit-settings.js';
import { findRows, updateRows } from '../store/rows.js';
import { lanes, limitSettings } from '../store/schema/schema.js';
import type { LaneRow, Store } from '../store/store.js';

export interface LimitChange {
  readonly provider: ProviderId;
  /** Only these lanes; without it all lanes of the provider, those to come included. */
  readonly only?: ((lane: Pick<LaneRow, 'host' | 'display'>) => boolean) | undefined;
  /** What is set; what is left out stays as it is. `reset`: back to the manifest. */
  readonly to: Partial<LaneLimits> | 'reset';
}

/**
 * Sets limits in place of the manifest's, until they are reset. Runs that are under way read them with the next place
 * that they look for. What a lane had learned under its old limits is forgotten.
 * @returns how many lanes it changed
 */
export function setLaneLimits(store: Store, { provider, only, to }: LimitChange, atMs: number): number {
  return store.transact(() => {
    if (only === undefined) setForProvider(store, provider, changed(providerSetLimits(store, provider), to));
    const chosen = findRows(store, lanes, 'WHERE provider = ?', provider).filter((row) => only?.(row) ?? true);
    for (const row of chosen) {
      const columns = setLimitColumns(changed(setLimits(row), to));
      updateRows(store, lanes, { ...columns, learnedConcurrent: null, acceptedSince: 0 }, { id: row.id });
      if (row.learnedConcurrent !== null) recordCeiling(store, row.id, { atMs, concurrent: null });
    }
    return chosen.length;
  });
}

function changed(set: SetLimits, to: LimitChange['to']): SetLimits {
  return to === 'reset' ? NO_SET_LIMITS : { ...set, ...to };
}

function setForProvider(store: Store, provider: ProviderId, set: SetLimits): void {
  const columns = setLimitColumns(set);
  store.db
    .insert(limitSettings)
    .values({ provider, ...columns })
    .onConflictDoUpdate({ target: limitSettings.provider, set: columns })
    .run();
}
