import { prepared } from './prepared.js';
import { findRow } from './rows.js';
import { deliveries } from './schema/schema.js';
import type { Store } from './store.js';

/** Finished outputs of a batch that are not at its destination as they are now. */
const UNDELIVERED = `
  FROM jobs j JOIN batches b ON b.id = j.batch_id
  LEFT JOIN deliveries d ON d.job_id = j.id AND d.destination = b.destination
  WHERE j.batch_id = ? AND b.destination IS NOT NULL AND j.state = 'succeeded' AND j.orphaned = 0
    AND (d.sha256 IS NULL OR d.sha256 <> j.output ->> '$.sha256')`;

export function undeliveredJobs(store: Store, batchId: number): { id: number; key: string }[] {
  const sql = `SELECT j.id, j.key ${UNDELIVERED} ORDER BY j.position`;
  return prepared<[number], { id: number; key: string }>(store, sql).all(batchId);
}

/** How many there are, and why a delivery of them failed. */
export function undelivered(store: Store, batchId: number): { jobs: number; failure: string | null } {
  const sql = `SELECT count(*) AS jobs, max(d.failure) AS failure ${UNDELIVERED}`;
  const found = prepared<[number], { jobs: number; failure: string | null }>(store, sql).get(batchId);
  return found ?? { jobs: 0, failure: null };
}

/** A finished output that was delivered as it is now. */
export interface DeliveredJob {
  readonly id: number;
  readonly key: string;
  /** Relative to the batch's folder. */
  readonly output: string;
  readonly bytes: number;
}

export function deliveredJobs(store: Store, batchId: number, destination: string): DeliveredJob[] {
  const sql = `
    SELECT j.id, j.key, j.planned ->> '$.output' AS output, j.output ->> '$.bytes' AS bytes
    FROM deliveries d JOIN jobs j ON j.id = d.job_id
    WHERE j.batch_id = ? AND d.destination = ? AND j.state = 'succeeded' AND j.orphaned = 0
      AND d.sha256 = j.output ->> '$.sha256'
    ORDER BY j.position`;
  return prepared<[number, string], DeliveredJob>(store, sql).all(batchId, destination);
}

/** What was delivered is not there any more. */
export function forgetDelivery(store: Store, jobId: number, destination: string): void {
  const sql = 'UPDATE deliveries SET sha256 = NULL WHERE job_id = ? AND destination = ?';
  prepared<[number, string], unknown>(store, sql).run(jobId, destination);
}

export function deliveredSha256(store: Store, jobId: number, destination: string): string | null {
  return findRow(store, deliveries, 'WHERE job_id = ? AND destination = ?', jobId, destination)?.sha256 ?? null;
}

export function recordDelivery(
  store: Store,
  row: { jobId: number; destination: string; sha256: string; deliveredAt: number },
): void {
  const set = { ...row, failure: null };
  const target = [deliveries.jobId, deliveries.destination];
  store.db.insert(deliveries).values(set).onConflictDoUpdate({ target, set }).run();
}

/** What was delivered before stays what it was. */
export function recordDeliveryFailure(
  store: Store,
  row: { jobId: number; destination: string; failure: string },
): void {
  const target = [deliveries.jobId, deliveries.destination];
  store.db
    .insert(deliveries)
    .values(row)
    .onConflictDoUpdate({ target, set: { failure: row.failure } })
    .run();
}
