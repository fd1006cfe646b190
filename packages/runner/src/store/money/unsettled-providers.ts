import Database from 'better-sqlite3';
import { storeExists } from '../open/open-store.js';
import { UNSETTLED } from './unsettled-attempts.js';

/**
 * Providers at which a batch still has something open or unsettled, also when its manifest no longer names them: their
 * keys are needed to follow what was bought. Reads only, whatever the state's version.
 */
export function unsettledProviders(statePath: string, batch: string): string[] {
  if (!storeExists(statePath)) return [];
  const sqlite = new Database(statePath, { readonly: true, timeout: 10_000 });
  try {
    const known = sqlite.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'attempts'`).get();
    if (known === undefined) return [];
    const rows = sqlite
      .prepare<[string], { provider: string }>(
        `SELECT DISTINCT a.provider ${UNSETTLED} AND j.batch_id = (SELECT id FROM batches WHERE name = ?)`,
      )
      .all(batch);
    return rows.map(({ provider }) => provider);
  } finally {
    sqlite.close();
  }
}
