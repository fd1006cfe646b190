import type { HoldReason, Micros } from '@localize/core';
import { otherNameIds } from '../former/other-names.js';
import { prepared } from '../prepared.js';
import type { AttemptRow, Store } from '../store.js';
import { batchIdOf, NO_BATCH } from './spending.js';

/** An attempt that was charged, or may have been, and came to no usable video. */
export interface PaidInVain extends Pick<AttemptRow, 'state'> {
  readonly fingerprint: string;
  readonly key: string;
  readonly batch: string;
  /** Its job is none of a former name of the batch, but its own. */
  readonly isOwn: 0 | 1;
  /** Its job has left the manifest. */
  readonly orphaned: 0 | 1;
  readonly holdReason: HoldReason | null;
  /** What it was billed, or what it counts at until it is; `null`: nobody knows. */
  readonly micros: Micros | null;
}

/** Whether a job of a batch was bought before under its own name: whoever buys it again has said so. */
export function wasBoughtItself(store: Store, batch: string, key: string): boolean {
  const row = prepared<[string, string], unknown>(
    store,
    `SELECT 1 FROM batches b JOIN jobs j ON j.batch_id = b.id JOIN attempts a ON a.job_id = j.id
       WHERE b.name = ? AND j.key = ? AND a.state <> 'refused' LIMIT 1`,
  ).get(batch, key);
  return row !== undefined;
}

/** Those of a batch, under the names that it may have had before too, whose jobs wait for the word to buy them again. */
export function paidInVain(store: Store, manifestPath: string, batch: string): PaidInVain[] {
  const batchId = batchIdOf(store, batch) ?? NO_BATCH;
  return prepared<[number, string, number], PaidInVain>(
    store,
    `SELECT a.fingerprint, a.state, j.key, b.name AS batch, b.id = ? AS isOwn, j.orphaned, j.hold_reason AS holdReason,
            coalesce(a.billed_micros, a.quoted_micros, a.expected_micros, a.estimate_micros) AS micros
       FROM batches b CROSS JOIN jobs j ON j.batch_id = b.id CROSS JOIN attempts a ON a.job_id = j.id
       WHERE (b.id IN (SELECT value FROM json_each(?)) OR b.id = ?) AND j.state IN ('failed', 'held', 'canceled')
         AND (a.state IN ('failed', 'lost') OR (a.state = 'completed' AND a.failure IS NOT NULL))
         AND coalesce(a.billed_micros, 1) > 0 AND a.fingerprint IS NOT NULL
       ORDER BY b.id, j.id, a.rowid`,
  ).all(batchId, otherNameIds(store, manifestPath, batch), batchId);
}
