import { NO_SET_LIMITS, type ProviderId, type SetLimits } from '@localize/core';
import { findRow } from '../rows.js';
import { limitSettings } from '../schema/schema.js';
import type { LaneRow, Store } from '../store.js';

export type SetLimitColumns = Pick<LaneRow, 'setCreates' | 'setPerMs' | 'setConcurrent'>;

/** What a command has set, from the columns that keep it. */
export function setLimits({ setCreates, setPerMs, setConcurrent }: SetLimitColumns): SetLimits {
  return { creates: setCreates, perMs: setPerMs, concurrent: setConcurrent };
}

export function setLimitColumns({ creates, perMs, concurrent }: SetLimits): SetLimitColumns {
  return { setCreates: creates, setPerMs: perMs, setConcurrent: concurrent };
}

/** What a command has set for every lane of a provider. */
export function providerSetLimits(store: Store, provider: ProviderId): SetLimits {
  const row = findRow(store, limitSettings, 'WHERE provider = ?', provider);
  return row === undefined ? NO_SET_LIMITS : setLimits(row);
}
