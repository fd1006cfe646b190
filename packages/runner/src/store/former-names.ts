import { formatUsd, type Micros } from '@localize/core';
import { isAtWork } from './batch-lock.js';
import { prepared } from './prepared.js';
import { findRow } from './rows.js';
import { attempts } from './schema.js';
import type { AttemptRow, JobRow, Store } from './store.js';

interface Unfinished {
  readonly batch: string;
  readonly jobs: number;
  readonly micros: Micros;
}

/**
 * What was bought for a manifest while its batch had another name, and is not finished there: nobody carries it on, but a
 * run takes its results for the jobs that are made of the same.
 * @returns a sentence for each such batch
 */
export function boughtUnderFormerNames(store: Store, manifestPath: string, batch: string): string[] {
  // In this order: most manifests have had no other name, and then no attempt is looked at.
  const rows = prepared<[string, string], Unfinished>(
    store,
    `SELECT b.name AS batch, count(DISTINCT j.id) AS jobs,
            sum(coalesce(a.billed_micros, a.quoted_micros, a.estimate_micros, 0)) AS micros
       FROM batches b CROSS JOIN jobs j ON j.batch_id = b.id CROSS JOIN attempts a ON a.job_id = j.id
       WHERE b.manifest_path = ? AND b.name <> ?
         AND (a.state IN ('intended', 'accepted', 'uncertain') OR (a.state = 'completed' AND a.id = j.attempt_id
              AND a.downloaded_at IS NULL AND j.state IN ('downloading', 'held')))
       GROUP BY b.id ORDER BY b.name`,
  ).all(manifestPath, batch);
  return rows
    .filter((row) => !isAtWork(store.path, row.batch))
    .map(({ batch: name, jobs, micros }) => {
      const what = jobs === 1 ? '1 job' : `${jobs} jobs`;
      return `as batch ${name}, this manifest bought ${what} that ${jobs === 1 ? 'is' : 'are'} not finished ($${formatUsd(micros)}): their results serve the jobs that are made of the same`;
    });
}

/** A create whose reply was lost while the batch had another name. */
export interface LostUnderFormerName {
  readonly batch: string;
  readonly attempt: AttemptRow;
}

/**
 * What a job waits for that its batch may have bought for it under another name; `null`: nothing. Where a run was cut
 * short while it waited, the job is no longer held, and it still waits if it is asked for as it was.
 */
export function lostUnderFormerName(
  store: Store,
  { id, state, holdReason }: Pick<JobRow, 'id' | 'state' | 'holdReason'>,
): LostUnderFormerName | null {
  const isCutShort = state === 'pending' || state === 'staging';
  if (!isCutShort && holdReason !== 'twin') return null;
  // In this order: reports ask it of every job that waits, and few batches had another name before.
  const row = prepared<[number], { id: string; batch: string; isAsItWas: 0 | 1 }>(
    store,
    `SELECT a.id, b.name AS batch, ${asked('j')} = ${asked('mine')} AS isAsItWas
       FROM jobs mine CROSS JOIN batches own ON own.id = mine.batch_id
       CROSS JOIN batches b ON b.manifest_path = own.manifest_path AND b.id <> own.id
       CROSS JOIN jobs j ON j.batch_id = b.id AND j.key = mine.key CROSS JOIN attempts a ON a.job_id = j.id
       WHERE mine.id = ? AND a.state = 'uncertain' ORDER BY isAsItWas DESC LIMIT 1`,
  ).get(id);
  if (row === undefined || (isCutShort && row.isAsItWas === 0)) return null;
  const attempt = findRow(store, attempts, 'WHERE id = ?', row.id);
  return attempt ? { batch: row.batch, attempt } : null;
}

/** What a job sends, as the manifest has it: its files and texts, its route and that route's input. */
function asked(job: string): string {
  const inputs = ['video', 'voices', 'mask'].map((part) => `'$.${part}'`);
  const chosen = ['route', 'input'].map((part) => `'$.choices[' || ${job}.choice || '].${part}'`);
  const paths = [...inputs, ...chosen];
  return `json_array(${paths.map((path) => `json(${job}.planned -> (${path}))`).join(', ')})`;
}
