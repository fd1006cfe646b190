import { prepared } from '../prepared.js';
import { findRow, updateRows } from '../rows.js';
import { jobs } from '../schema/schema.js';
import type { Store } from '../store.js';
import type { Prices } from './accepted-prices.js';
import { inExpectedOrder } from './seen-prices.js';

/**
 * Puts what `cheapest` stands for in the order of what is expected of its prices by now, as a plan shows it: by the prices
 * alone, a route whose bills were accepted above its own would still come first. Within a transaction.
 * @param of `unmoved`: only jobs that wait on their first choice, while their run is at work
 */
export function orderByPrice(store: Store, batchId: number, prices: Prices, of: 'all' | 'unmoved' = 'all'): void {
  const ordered = inExpectedOrder(store, prices);
  if (ordered === null) return;
  const unmoved = of === 'all' ? '' : `AND state = 'pending' AND choice = 0`;
  const rows = prepared<[number], { id: number }>(
    store,
    `SELECT id FROM jobs WHERE batch_id = ? AND orphaned = 0 ${unmoved}
       AND EXISTS (SELECT 1 FROM json_each(planned, '$.choices') choice WHERE choice.value ->> 'byPrice')`,
  ).all(batchId);
  for (const { id } of rows) {
    const known = findRow(store, jobs, 'WHERE id = ?', id)?.planned;
    const planned = known && ordered(known);
    if (planned === undefined || planned === known) continue;
    updateRows(store, jobs, { planned, choice: 0, provider: planned.choices[0]?.provider ?? null }, { id });
  }
}
