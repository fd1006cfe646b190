import { existsSync } from 'node:fs';
import { formatUsd, type Micros, type PlannedJob } from '@localize/core';
import { AskedFor } from '../asked-for.js';
import { areOneFile } from '../one-file.js';
import { isAtWork } from '../open/batch-lock.js';
import { prepared } from '../prepared.js';
import { findRow } from '../rows.js';
import { isOpenIn } from '../schema/attempt-states.js';
import { attempts } from '../schema/schema.js';
import type { AttemptRow, JobRow, Store } from '../store.js';
import { otherNames } from './other-names.js';

interface Unfinished {
  readonly planned: string;
  readonly micros: Micros;
  /** The reply to some create for it was lost, so that nobody knows what was bought. */
  readonly isDoubted: 0 | 1;
}

/**
 * What was bought for a manifest while its batch had another name, and is not finished there: nobody carries it on, but a
 * run takes its results for the jobs that are made of the same. Of a name whose manifest is no longer where it was, only
 * what this one asks for too: it may have been moved, or be another.
 * @param asking jobs are gone through only where there is such a name
 * @returns a sentence for each such batch
 */
export function boughtUnderFormerNames(
  store: Store,
  asking: { readonly batch: string; readonly jobs: Iterable<PlannedJob> },
  manifestPath: string,
): string[] {
  let asked: AskedFor | null = null;
  const isAsked = ({ planned }: Unfinished) => {
    asked ??= new AskedFor(asking.jobs);
    return asked.has(JSON.parse(planned) as PlannedJob);
  };
  // In this order: most manifests have had no other name, and then no attempt is looked at.
  return otherNames(store, manifestPath, asking.batch).flatMap(({ id, name, isGone }) => {
    const open = unfinished(store, id);
    const rows = isGone ? open.filter(isAsked) : open;
    if (rows.length === 0 || isAtWork(store.path, name)) return [];
    const micros = rows.reduce((sum, row) => sum + row.micros, 0);
    const what = rows.length === 1 ? '1 job' : `${rows.length} jobs`;
    return [
      `as batch ${name}, this manifest bought${rows.some(({ isDoubted }) => isDoubted === 1) ? ' or may have bought' : ''} ${what} that ${rows.length === 1 ? 'is' : 'are'} not finished ($${formatUsd(micros)}): their results serve the jobs that are made of the same`,
    ];
  });
}

/** Jobs of a batch for which something was bought whose result is not there. */
function unfinished(store: Store, batchId: number): Unfinished[] {
  const facts = `coalesce(a.billed_micros, a.quoted_micros, a.estimate_micros, 0) AS micros,
       a.state = 'uncertain' OR a.state = 'abandoned' AS isDoubted`;
  // From what is open: of all that a state has ever bought, that is little.
  return prepared<[number, number], Unfinished>(
    store,
    `SELECT j.planned, sum(open.micros) AS micros, max(open.isDoubted) AS isDoubted
       FROM (SELECT a.job_id, ${facts} FROM attempts a INDEXED BY attempts_open
               WHERE ${isOpenIn('a.')}
             UNION ALL SELECT a.job_id, ${facts} FROM jobs j CROSS JOIN attempts a ON a.id = j.attempt_id
               WHERE j.batch_id = ? AND j.state IN ('downloading', 'held') AND a.state = 'completed'
                 AND a.downloaded_at IS NULL) open
         CROSS JOIN jobs j ON j.id = open.job_id
       WHERE j.batch_id = ? GROUP BY j.id`,
  ).all(batchId, batchId);
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
  // In this order: reports ask it of every job that waits, and few batches have lost a create of that key.
  const rows = prepared<[number], LostCreate>(
    store,
    `SELECT a.id, b.name AS batch, b.manifest_path AS path, own.manifest_path AS ownPath,
            ${asked('j')} = ${asked('mine')} AS isAsItWas
       FROM jobs mine CROSS JOIN batches own ON own.id = mine.batch_id CROSS JOIN batches b ON b.id <> own.id
       CROSS JOIN jobs j ON j.batch_id = b.id AND j.key = mine.key CROSS JOIN attempts a ON a.job_id = j.id
       WHERE mine.id = ? AND a.state = 'uncertain' ORDER BY isAsItWas DESC`,
  ).all(id);
  const row = rows.find(
    ({ path, ownPath, isAsItWas }) => areOneFile(path, ownPath) || (isAsItWas === 1 && !existsSync(path)),
  );
  if (row === undefined || (isCutShort && row.isAsItWas === 0)) return null;
  const attempt = findRow(store, attempts, 'WHERE id = ?', row.id);
  return attempt ? { batch: row.batch, attempt } : null;
}

interface LostCreate {
  readonly id: string;
  readonly batch: string;
  readonly path: string;
  readonly ownPath: string;
  readonly isAsItWas: 0 | 1;
}

/** What a job sends, as the manifest has it: its files and texts, its route and that route's input. */
function asked(job: string): string {
  const inputs = ['video', 'voices', 'mask'].map((part) => `'$.${part}'`);
  const chosen = ['route', 'input'].map((part) => `'$.choices[' || ${job}.choice || '].${part}'`);
  const paths = [...inputs, ...chosen];
  return `json_array(${paths.map((path) => `json(${job}.planned -> (${path}))`).join(', ')})`;
}
