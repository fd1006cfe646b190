import { fewOf, formatUsd, type Micros } from '@localize/core';
import type { CapCorrection } from '../money/cap-corrections.js';
import { batchIdOf, NO_BATCH, recountSpending } from '../money/spending.js';
import { prepared } from '../prepared.js';
import { ADOPTED_MONEY } from '../schema/adopted-triggers.js';
import { ATTEMPT_MONEY } from '../schema/spending-triggers.js';
import type { RenamedJobs } from '../snapshot/edited-counts.js';
import type { Store } from '../store.js';
import { otherNameIds } from './other-names.js';

/** What was bought for jobs of one manifest while its batch had another name: ids of those jobs, by fingerprint. */
export type BoughtBefore = Map<string, number[]>;

/** As far as the caps of the batch do not count it yet. */
export function boughtBefore(store: Store, manifestPath: string, batch: string): BoughtBefore {
  const batchId = batchIdOf(store, batch) ?? NO_BATCH;
  const rows = prepared<[string, number], { fingerprint: string; jobId: number }>(
    store,
    `SELECT DISTINCT made.fingerprint, j.id AS jobId FROM batches b JOIN jobs j ON j.batch_id = b.id JOIN (
         SELECT job_id, fingerprint FROM attempts WHERE state <> 'refused'
         UNION ALL SELECT job_id, fingerprint FROM adopted_predictions) made ON made.job_id = j.id
       WHERE b.id IN (SELECT value FROM json_each(?)) AND made.fingerprint IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM former_jobs f WHERE f.former_id = j.id AND f.batch_id = ?)`,
  ).all(otherNameIds(store, manifestPath, batch), batchId);
  const found: BoughtBefore = new Map();
  for (const { fingerprint, jobId } of rows) found.set(fingerprint, [...(found.get(fingerprint) ?? []), jobId]);
  return found;
}

/** Whether a batch may have had another name, under which something was bought that its caps do not count yet. */
export function mayBeRenamed(store: Store, manifestPath: string, batch: string): boolean {
  return boughtBefore(store, manifestPath, batch).size > 0;
}

/** Whether the state has met a batch of that name. */
export function isKnownBatch(store: Store, batch: string): boolean {
  return batchIdOf(store, batch) !== null;
}

/** Ids of the jobs of other batches that the caps of a batch count. */
export function countedFormerIds(store: Store, batch: string): ReadonlySet<number> {
  const rows = prepared<[string], { id: number }>(
    store,
    'SELECT f.former_id AS id FROM former_jobs f JOIN batches b ON b.id = f.batch_id WHERE b.name = ?',
  ).all(batch);
  return new Set(rows.map(({ id }) => id));
}

/** Fingerprints of what the jobs of a batch have on disk, by key. */
export function madeFingerprints(store: Store, batch: string): Map<string, string> {
  const rows = prepared<[string], { key: string; fingerprint: string }>(
    store,
    `SELECT j.key, j.fingerprint FROM jobs j JOIN batches b ON b.id = j.batch_id
       WHERE b.name = ? AND j.fingerprint IS NOT NULL`,
  ).all(batch);
  return new Map(rows.map(({ key, fingerprint }) => [key, fingerprint]));
}

/** Lets the caps of a batch count what was bought for its jobs under another name. The caller holds no transaction. */
export function countFormerJobs(
  store: Store,
  batchId: number,
  found: readonly { readonly formerId: number; readonly key: string }[],
): void {
  if (found.length === 0) return;
  const link = prepared<[number, number, number, string], unknown>(
    store,
    `INSERT OR IGNORE INTO former_jobs (former_id, batch_id, job_id)
       SELECT ?, ?, id FROM jobs WHERE batch_id = ? AND key = ?`,
  );
  store.sqlite
    .transaction(() => {
      for (const { formerId, key } of found) link.run(formerId, batchId, batchId, key);
      recountSpending(store, batchId);
    })
    .immediate();
}

/** What was bought under other names of a batch, that the sums of the state do not count under its caps yet. */
export interface FormerSpending {
  readonly paid: readonly CapCorrection[];
  /** Whose it is by now. */
  readonly renamed: RenamedJobs;
  /** In words; `null`: nothing. */
  readonly note: string | null;
}

/** A job that was bought for while the manifest's batch had another name. */
export interface BoughtJob {
  readonly id: number;
  readonly batch: string;
  readonly key: string;
  /** As the plan had them: JSON. */
  readonly video: string;
  readonly voices: string;
}

/** Those that the caps of the batch do not count; none once it has bought something under its own name. */
export function boughtUncounted(store: Store, manifestPath: string, batch: string): BoughtJob[] {
  const batchId = batchIdOf(store, batch) ?? NO_BATCH;
  // In this order: most manifests have had no other name, and then no job is looked at.
  return prepared<[string, number, number], BoughtJob>(
    store,
    `SELECT j.id, b.name AS batch, j.key, j.planned -> '$.video' AS video, j.planned -> '$.voices' AS voices
       FROM batches b CROSS JOIN jobs j ON j.batch_id = b.id
       WHERE b.id IN (SELECT value FROM json_each(?)) AND (
           EXISTS (SELECT 1 FROM attempts WHERE job_id = j.id AND state <> 'refused')
           OR EXISTS (SELECT 1 FROM adopted_predictions WHERE job_id = j.id))
         AND NOT EXISTS (SELECT 1 FROM former_jobs f WHERE f.former_id = j.id AND f.batch_id = ?)
         AND NOT EXISTS (SELECT 1 FROM attempts JOIN jobs own ON own.id = attempts.job_id WHERE own.batch_id = ?)
       ORDER BY b.id, j.id`,
  ).all(otherNameIds(store, manifestPath, batch), batchId, batchId);
}

/** What was spent on a job, by provider. */
export interface FormerMoney {
  readonly batch: string;
  readonly provider: string;
  readonly billedMicros: Micros;
  readonly inFlightMicros: Micros;
  readonly atRiskMicros: Micros;
  readonly unpricedAttempts: number;
}

export function formerMoney(store: Store, formerId: number): FormerMoney[] {
  return prepared<[number, number], FormerMoney>(
    store,
    `SELECT b.name AS batch, m.provider, sum(m.billed) AS billedMicros, sum(m.in_flight) AS inFlightMicros,
            sum(m.at_risk) AS atRiskMicros, sum(m.unpriced) AS unpricedAttempts
       FROM (SELECT job_id, provider, ${ATTEMPT_MONEY.billed} AS billed, ${ATTEMPT_MONEY.in_flight} AS in_flight,
                    ${ATTEMPT_MONEY.at_risk} AS at_risk, ${ATTEMPT_MONEY.unpriced} AS unpriced
               FROM attempts WHERE job_id = ?
             UNION ALL SELECT job_id, provider, ${ADOPTED_MONEY.billed}, 0, ${ADOPTED_MONEY.atRisk},
                    ${ADOPTED_MONEY.unpriced} FROM adopted_predictions WHERE job_id = ?) m
       JOIN jobs j ON j.id = m.job_id JOIN batches b ON b.id = j.batch_id GROUP BY m.provider`,
  ).all(formerId, formerId);
}

/** What the caps of a batch count although it was spent under other names; `null`: nothing. */
export function formerSpendingWords(store: Store, batchId: number): string | null {
  const sum = prepared<[number], { micros: Micros | null }>(
    store,
    `SELECT sum(billed + in_flight + at_risk) AS micros FROM spending WHERE scope = 'former all' AND batch_id = ?`,
  ).get(batchId)?.micros;
  if (!sum) return null;
  const names = prepared<[number], { name: string }>(
    store,
    `SELECT DISTINCT b.name FROM former_jobs f JOIN jobs j ON j.id = f.former_id JOIN batches b ON b.id = j.batch_id
       WHERE f.batch_id = ? ORDER BY b.id`,
  ).all(batchId);
  const words = formerWords(
    names.map(({ name }) => name),
    sum,
  );
  return `${words}${formerDoubts(store, batchId)}`;
}

/** What of it is a failure of which nobody says whether it was charged: no run finds that out. */
function formerDoubts(store: Store, batchId: number): string {
  const keys = prepared<[number], { key: string }>(
    store,
    `SELECT DISTINCT own.key FROM former_jobs f JOIN jobs own ON own.id = f.job_id JOIN attempts a ON a.job_id = f.former_id
       WHERE f.batch_id = ? AND a.state = 'failed' AND a.billed_micros IS NULL ORDER BY own.position`,
  ).all(batchId);
  if (keys.length === 0) return '';
  const which = fewOf(keys.map(({ key }) => key));
  return `; what failed there is at risk until \`localize settle KEY\` says whether it was charged: ${which}`;
}

/** @param names of the batches that it was spent under */
export function formerWords(names: readonly string[], micros: Micros): string {
  return `the caps of the whole batch also count $${formatUsd(micros)} that was spent on its jobs as batch ${names.join(' and ')}`;
}
