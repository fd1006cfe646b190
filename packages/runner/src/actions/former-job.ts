import { LocalizeError } from '@localize/core';
import { lostNumbers } from '../store/attempt-numbers.js';
import { lostUnderFormerName } from '../store/former/former-names.js';
import { areOneFile } from '../store/one-file.js';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow, Store } from '../store/store.js';
import { meantAttempt } from './meant-attempt.js';
import { isToldOf } from './said-before.js';
import type { Settlement } from './settle.js';

/** A job under the name that its batch had when something was bought for it. */
export interface FormerKey {
  readonly batch: string;
  readonly key: string;
}

/**
 * Where what is to be settled for a job was bought under another name of its batch; `null`: it is the job's own, or nobody's.
 * A word that was said of the job already is not taken for one on an older purchase, unless that is named.
 */
export function settledAs(store: Store, job: JobRow, settlement: Settlement): FormerKey | null {
  const lost = lostUnderFormerName(store, job);
  if (lost !== null) return { batch: lost.batch, key: job.key };
  // A word that could be about several of its own is no word on an older purchase.
  const isOwn = settlement.attempt !== undefined || lostNumbers(store, job.id, '').length > 0;
  if (isOwn || isMeant(store, job, settlement)) return null;
  if (!isNamed(settlement) && isToldOf(store, job)) return null;
  const former = formerKeys(store, job).find(({ id }) => {
    const row = findRow(store, jobs, 'WHERE id = ?', id);
    return row !== undefined && isMeant(store, row, settlement);
  });
  return former ?? null;
}

/** Whether a word on money names the prediction that it is about. */
function isNamed(settlement: Settlement): boolean {
  const isOfMoney = settlement.kind === 'charged' || settlement.kind === 'not-bought';
  return isOfMoney && settlement.predictionId !== undefined;
}

function isMeant(store: Store, job: JobRow, settlement: Settlement): boolean {
  try {
    meantAttempt(store, job, settlement);
    return true;
  } catch (error) {
    if (error instanceof LocalizeError && error.code === 'SETTLE_NOT_POSSIBLE') return false;
    throw error;
  }
}

/**
 * The newest first: jobs of other batches that the caps of this one count for it, and those of its manifest with its key,
 * also where that is reached by another path.
 */
function formerKeys(store: Store, { id, batchId, key }: JobRow): (FormerKey & { readonly id: number })[] {
  const rows = prepared<[number, number, string], FormerRow>(
    store,
    `SELECT j.id, j.key, b.name AS batch, b.manifest_path AS path, own.manifest_path AS ownPath,
            j.id IN (SELECT former_id FROM former_jobs WHERE job_id = ?) AS isCounted
       FROM batches own CROSS JOIN batches b CROSS JOIN jobs j ON j.batch_id = b.id
       WHERE own.id = ? AND b.id <> own.id AND (isCounted OR j.key = ?) ORDER BY j.id DESC`,
  ).all(id, batchId, key);
  return rows.filter(({ isCounted, path, ownPath }) => isCounted === 1 || areOneFile(path, ownPath));
}

interface FormerRow extends FormerKey {
  readonly id: number;
  readonly path: string;
  readonly ownPath: string;
  readonly isCounted: 0 | 1;
}
